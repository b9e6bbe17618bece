-- What a server has of a probe's commits: one row. "numbers" are theirs, with commas between, "" where there are none.
-- What a standby has is not what was kept: "in_recovery" tells; nor is what a primary has that was replaced: "timeline".
--
-- PostgreSQL 14 to 18. Needs SELECT on pgdr.heartbeat, as schema.sql gives role pgdr.
-- Parameters: $1 the probe's run.
SELECT pg_is_in_recovery() AS in_recovery,
    CASE WHEN NOT pg_is_in_recovery()
        THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END AS timeline,
    COALESCE((SELECT string_agg(number::text, ',') FROM pgdr.heartbeat WHERE run = $1::text), '') AS numbers

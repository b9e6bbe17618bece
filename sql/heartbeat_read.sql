-- Whether one commit of a probe is there: one row, one column.
--
-- PostgreSQL 14 to 18. Needs SELECT on pgdr.heartbeat, as schema.sql gives role pgdr.
-- Parameters: $1 the probe's run, $2 the number of the commit.
SELECT EXISTS (SELECT FROM pgdr.heartbeat WHERE run = $1::text AND number = $2::bigint) AS is_there

-- What holds for all observers of the cluster, and the last failovers, as this server knows them: one row, one JSON
-- document in column "document".
--
-- PostgreSQL 14 to 18; also on a standby, which tells what it has replayed. Needs SELECT on what schema.sql makes, and
-- pg_monitor for a timeline that was begun after the standby's last restartpoint. Writes nothing.
-- Parameters: none.
-- Moments are seconds since 1970-01-01 UTC. "timeline" and "lsn" tell how much of the cluster's history the server
-- knows; "pause" is null when there is none, its "until" is the year 9999 for one without an end.
WITH me AS (
    SELECT pg_is_in_recovery() AS in_recovery, pg_has_role(current_user, 'pg_monitor', 'USAGE') AS monitor
),
receiver AS (
    SELECT w.received_tli FROM pg_stat_get_wal_receiver() w WHERE w.status IS NOT NULL
)
SELECT json_build_object(
    'at', extract(epoch FROM clock_timestamp()),
    'in_recovery', me.in_recovery,
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'timeline', CASE
        WHEN NOT me.in_recovery THEN
            ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
        ELSE COALESCE(
            (SELECT NULLIF(received_tli, 0)::bigint FROM receiver),
            -- As observe.sql finds it.
            (SELECT GREATEST(c.timeline_id, r.min_recovery_end_timeline,
                CASE WHEN me.monitor AND NOT EXISTS (SELECT FROM receiver) THEN
                    ('x' || substring(
                        query_to_xml(
                            $$SELECT max(left(name, 8)) AS timeline FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'$$,
                            true, true, '')::text FROM '<timeline>([0-9A-F]{8})'))::bit(32)::bigint END)
             FROM pg_control_checkpoint() c, pg_control_recovery() r)) END,
    'lsn', (CASE WHEN me.in_recovery THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text,
    'pause', (
        SELECT json_build_object(
            'until', extract(epoch FROM LEAST(
                COALESCE((value ->> 'until')::timestamptz, 'infinity'), '9999-12-31T00:00:00Z')),
            'reason', reason,
            'actor', actor)
        FROM pgdr.control WHERE key = 'pause' AND value IS NOT NULL),
    'failovers', (
        SELECT COALESCE(json_agg(json_build_object(
            'at', extract(epoch FROM at),
            'primary', primary_node,
            'timeline', timeline,
            'run', run,
            'trigger_id', trigger_id,
            'automatic', automatic)), '[]')
        FROM (SELECT * FROM pgdr.failover ORDER BY timeline DESC, at DESC LIMIT 100) AS latest)
) AS document
FROM me

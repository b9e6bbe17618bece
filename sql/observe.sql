-- What one server knows about its replication: one statement, one row, one JSON document in column "document".
--
-- PostgreSQL 14 to 18. A member of pg_monitor sees everything; any other role gets the same document with
-- "monitor": false and the columns hidden from it as null.
-- Parameters: none. Writes nothing, takes no lock that could wait, fails on neither primary nor standby.
--
-- Units: LSNs in PostgreSQL's text form; bytes as integers; moments as seconds since 1970-01-01 UTC; spans in
-- seconds. Settings are in the server's base units, as in pg_settings.setting.
-- Order matters: the replay position is read before the receive position, and the standbys' rows before the
-- primary's own position, so that what moves in between shows as lag and never as a negative one.
-- Asked of the functions behind pg_settings, pg_stat_activity, pg_stat_replication, … rather than of the views: a
-- session that asks once spends more time on planning the views' joins than on all the rest.
WITH
me AS (
    SELECT pg_is_in_recovery() AS in_recovery, pg_has_role(current_user, 'pg_monitor', 'USAGE') AS monitor
),
known AS MATERIALIZED (
    -- Settings hidden from the role are absent. One scan: all settings are computed each time.
    SELECT name, setting, sourcefile
    FROM pg_show_all_settings()
    WHERE name IN (
        'archive_command', 'archive_library', 'archive_mode', 'cluster_name', 'data_checksums', 'data_directory',
        'full_page_writes', 'hot_standby', 'hot_standby_feedback', 'listen_addresses',
        'max_connections', 'max_locks_per_transaction', 'max_prepared_transactions', 'max_replication_slots',
        'max_slot_wal_keep_size', 'max_wal_senders', 'max_worker_processes', 'port', 'primary_conninfo',
        'primary_slot_name', 'recovery_min_apply_delay', 'recovery_target',
        'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_xid', 'reserved_connections', 'shared_preload_libraries', 'superuser_reserved_connections',
        'synchronous_standby_names', 'wal_keep_size', 'wal_level', 'wal_log_hints',
        'wal_receiver_status_interval', 'wal_segment_size')
),
settings AS (
    SELECT COALESCE(json_object_agg(name, setting), '{}'::json) AS document
    FROM known WHERE name <> 'primary_conninfo' AND name NOT LIKE 'recovery\_target%'
),
recovery_target AS (
    -- What stops recovery before the end of WAL, and the file it stands in.
    SELECT json_agg(json_build_object('name', name, 'setting', setting, 'file', sourcefile) ORDER BY name) AS document
    FROM known
    WHERE name IN (
        'recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time',
        'recovery_target_xid') AND setting <> ''
),
conninfo AS (
    -- Of primary_conninfo only what names the upstream is read, in its keyword form: it may hold a password.
    SELECT setting <> '' AS configured,
           COALESCE((regexp_match(setting, $re$(?:^|\s)host\s*=\s*'((?:[^'\\]|\\.)*)'$re$))[1],
                    (regexp_match(setting, $re$(?:^|\s)host\s*=\s*([^\s']+)$re$))[1]) AS host,
           (regexp_match(setting, $re$(?:^|\s)port\s*=\s*'?(\d{1,5})\M$re$))[1]::int AS port,
           COALESCE((regexp_match(setting, $re$(?:^|\s)application_name\s*=\s*'((?:[^'\\]|\\.)*)'$re$))[1],
                    (regexp_match(setting, $re$(?:^|\s)application_name\s*=\s*([^\s']+)$re$))[1]) AS application_name
    FROM (
        -- What is quoted under other keywords may look like anything.
        SELECT regexp_replace(
            setting, $re$\m(?!host\s*=|port\s*=|application_name\s*=)\w+\s*=\s*'(?:[^'\\]|\\.)*'$re$, '', 'g')
        FROM known WHERE name = 'primary_conninfo'
    ) AS primary_conninfo (setting)
),
quiet AS MATERIALIZED (
    -- Whether all WAL that has come in was replayed: asked before the positions are, and of the walreceiver first.
    SELECT NOT EXISTS (SELECT FROM pg_stat_get_wal_receiver() w WHERE w.status IS NOT NULL)
        AND (SELECT wait_event FROM pg_stat_get_activity(NULL) WHERE backend_type = 'startup')
            IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval') AS waits_for_wal
    FROM me WHERE me.in_recovery
),
activity AS MATERIALIZED (
    SELECT pid, usesysid, application_name, client_addr, backend_start, backend_type, wait_event
    FROM pg_stat_get_activity(NULL)
)
SELECT json_build_object(
    'now', extract(epoch FROM clock_timestamp()),
    'server_version_num', current_setting('server_version_num')::int,
    'server_version', current_setting('server_version'),
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'postmaster_start', extract(epoch FROM pg_postmaster_start_time()),
    'in_recovery', me.in_recovery,
    'monitor', me.monitor,
    'can_read_history', COALESCE(
        -- Looking up a function in a schema that the role may not use is an error.
        CASE WHEN (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = 'pgdr')
            THEN has_function_privilege(to_regprocedure('pgdr.timeline_history()'), 'EXECUTE') END, false),
    'standbys', (
        SELECT COALESCE(json_agg(json_build_object(
            'pid', r.pid,
            'usename', pg_get_userbyid(a.usesysid),
            'application_name', a.application_name,
            'client_addr', host(a.client_addr),
            'state', r.state,
            'sent_lsn', r.sent_lsn,
            'write_lsn', r.write_lsn,
            'flush_lsn', r.flush_lsn,
            'replay_lsn', r.replay_lsn,
            'write_lag', extract(epoch FROM r.write_lag),
            'flush_lag', extract(epoch FROM r.flush_lag),
            'replay_lag', extract(epoch FROM r.replay_lag),
            'sync_state', r.sync_state,
            'reply_time', extract(epoch FROM r.reply_time),
            'backend_start', extract(epoch FROM a.backend_start)
        ) ORDER BY a.application_name, r.pid), '[]'::json)
        FROM pg_stat_get_wal_senders() r JOIN activity a USING (pid)),
    'slots', (
        -- Columns that only some versions have (wal_status, conflicting, failover, inactive_since, …) are
        -- simply there or not.
        SELECT COALESCE(json_agg(to_jsonb(s) || jsonb_build_object(
            'retained_bytes', CASE WHEN me.in_recovery
                THEN pg_last_wal_replay_lsn() - s.restart_lsn ELSE pg_current_wal_lsn() - s.restart_lsn END,
            'xmin_age', age(s.xmin),
            'catalog_xmin_age', age(s.catalog_xmin))
            ORDER BY s.slot_name), '[]'::json)
        FROM pg_get_replication_slots() s),
    'timeline', CASE WHEN NOT me.in_recovery
        THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END,
    'current_lsn', CASE WHEN NOT me.in_recovery THEN pg_current_wal_lsn() END,
    'flush_lsn', CASE WHEN NOT me.in_recovery THEN pg_current_wal_flush_lsn() END,
    'replay_lsn', CASE WHEN me.in_recovery THEN pg_last_wal_replay_lsn() END,
    'receive_lsn', CASE WHEN me.in_recovery THEN pg_last_wal_receive_lsn() END,
    'replay_timestamp', CASE WHEN me.in_recovery THEN extract(epoch FROM pg_last_xact_replay_timestamp()) END,
    'replay_pause_state', CASE WHEN me.in_recovery THEN pg_get_wal_replay_pause_state() END,
    'receiver', (
        SELECT json_build_object(
            'status', w.status,
            'written_lsn', w.written_lsn,
            'flushed_lsn', w.flushed_lsn,
            'received_tli', w.received_tli,
            'latest_end_lsn', w.latest_end_lsn,
            'last_msg_receipt_time', extract(epoch FROM w.last_msg_receipt_time),
            'slot_name', w.slot_name,
            'sender_host', w.sender_host,
            'sender_port', w.sender_port)
        FROM pg_stat_get_wal_receiver() w WHERE w.status IS NOT NULL),
    'wal_timeline', CASE WHEN me.in_recovery AND me.monitor
            AND NOT EXISTS (SELECT FROM pg_stat_get_wal_receiver() w WHERE w.status IS NOT NULL) THEN
        -- Only WAL's own names tell a timeline that was begun after the last restartpoint. As text: to merely plan a
        -- function needs the right to call it.
        ('x' || substring(
            query_to_xml(
                $$SELECT max(left(name, 8)) AS timeline FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'$$,
                true, true, '')::text FROM '<timeline>([0-9A-F]{8})'))::bit(32)::bigint END,
    'control', (
        SELECT json_build_object(
            'checkpoint_timeline', c.timeline_id,
            'min_recovery_end_timeline', r.min_recovery_end_timeline)
        FROM pg_control_checkpoint() c, pg_control_recovery() r),
    'settings', settings.document,
    'recovery_target', recovery_target.document,
    'primary_conninfo', (SELECT row_to_json(conninfo) FROM conninfo),
    'archiver', (
        SELECT json_build_object(
            'failed_count', a.failed_count,
            'last_archived_wal', a.last_archived_wal,
            'last_archived_time', extract(epoch FROM a.last_archived_time),
            'last_failed_wal', a.last_failed_wal,
            'last_failed_time', extract(epoch FROM a.last_failed_time))
        FROM pg_stat_get_archiver() a),
    'connections', CASE WHEN me.monitor THEN (
        SELECT json_build_object(
            'used', count(*) FILTER (WHERE backend_type = 'client backend'),
            'waiting_for_sync', count(*) FILTER (WHERE wait_event = 'SyncRep'))
        FROM activity) END,
    'waits_for_wal', quiet.waits_for_wal,
    'startup_wait', CASE WHEN me.in_recovery THEN (
        SELECT wait_event FROM activity WHERE backend_type = 'startup') END
) AS document
FROM me CROSS JOIN settings CROSS JOIN recovery_target LEFT JOIN quiet ON true

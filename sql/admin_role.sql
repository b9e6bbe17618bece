-- Makes the role that pgdr acts with: pgdr_admin, for promote, switchover, rejoin, rebuild and repoint.
--
-- PostgreSQL 14 to 18. Run it once as a superuser, on the primary, in the database that pgdr connects to, after
-- monitoring_role.sql; the standbys get it by replication. It may be run again, and should be after an upgrade from
-- 14. Afterwards give the role a password (\password pgdr_admin in psql) and let it in by pg_hba.conf on every node,
-- from where pgdr runs only; name it in pgdr.yaml under "admin".
--
-- From 15 on it is no superuser. It reads no table of yours and runs no program on the host: restore_command and
-- archive_command are not among what it may set.
-- On 14 nobody but a superuser may use ALTER SYSTEM and CHECKPOINT, so there the role IS A SUPERUSER.
DO $do$
DECLARE
    parameter text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgdr_admin') THEN
        CREATE ROLE pgdr_admin LOGIN;
    END IF;

    -- What pgdr observes with, the functions of schema pgdr included.
    GRANT pg_monitor TO pgdr_admin;
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgdr') THEN
        GRANT pgdr TO pgdr_admin;
    END IF;
    -- The control state, the failovers and the drills, where schema.sql was run before.
    IF to_regclass('pgdr.control') IS NOT NULL THEN
        GRANT INSERT, UPDATE ON pgdr.control TO pgdr_admin;
    END IF;
    IF to_regclass('pgdr.failover') IS NOT NULL THEN
        GRANT INSERT (run, primary_node, old_primary, timeline, trigger_id, automatic, loss, observer)
            ON pgdr.failover TO pgdr_admin;
    END IF;
    IF to_regclass('pgdr.drill') IS NOT NULL THEN
        GRANT INSERT (run, kind, node, passed, observer) ON pgdr.drill TO pgdr_admin;
    END IF;

    IF current_setting('server_version_num')::int < 150000 THEN
        ALTER ROLE pgdr_admin SUPERUSER REPLICATION;
        RETURN;
    END IF;
    -- REPLICATION: to create and drop replication slots.
    ALTER ROLE pgdr_admin NOSUPERUSER REPLICATION;
    -- A checkpoint before the primary is stopped, so that stopping it is quick. (As text: 14 would not know the role.)
    EXECUTE 'GRANT pg_checkpoint TO pgdr_admin';
    -- To end sessions that hold up a role change; never those of superusers.
    GRANT pg_signal_backend TO pgdr_admin;

    -- Where a standby gets its WAL from, what commits wait for, and where recovery would stop. Only those parameters
    -- that this version has.
    FOR parameter IN
        SELECT name FROM pg_catalog.pg_settings
        WHERE name IN (
            'primary_conninfo', 'primary_slot_name', 'recovery_min_apply_delay', 'synchronous_standby_names',
            'synchronized_standby_slots')
           OR name LIKE 'recovery\_target%'
    LOOP
        EXECUTE format('GRANT SET, ALTER SYSTEM ON PARAMETER %I TO pgdr_admin', parameter);
    END LOOP;
END
$do$;

-- Promotion, and what must come before it where replay was paused.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_promote(boolean, integer) TO pgdr_admin;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_wal_replay_pause() TO pgdr_admin;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_wal_replay_resume() TO pgdr_admin;
-- What ALTER SYSTEM set takes effect; a reload also wakes a startup process that sleeps before it promotes.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO pgdr_admin;
-- So that the last segment of an old timeline gets archived.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() TO pgdr_admin;

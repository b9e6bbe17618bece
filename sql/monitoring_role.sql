-- Makes the role that pgdr observes with: pgdr, a member of pg_monitor and nothing more.
--
-- PostgreSQL 14 to 18. Run it once as a superuser, on the primary, in the database that pgdr connects to; the
-- standbys get it by replication. It may be run again. Afterwards give the role a password (\password pgdr in
-- psql) and let it in by pg_hba.conf on every node.
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgdr') THEN
        CREATE ROLE pgdr LOGIN;
    END IF;
END
$do$;

GRANT pg_monitor TO pgdr;

CREATE SCHEMA IF NOT EXISTS pgdr;
REVOKE ALL ON SCHEMA pgdr FROM PUBLIC;
GRANT USAGE ON SCHEMA pgdr TO pgdr;

-- The timeline history files, which no predefined role may read alone: where each timeline left its parent. With
-- them pgdr tells a standby that is behind from one that has diverged. It reads these files and no others.
CREATE OR REPLACE FUNCTION pgdr.timeline_history() RETURNS TABLE (timeline bigint, content text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ('x' || left(name, 8))::bit(32)::bigint, pg_read_file('pg_wal/' || name, 0, 1048576, true)
    FROM pg_ls_dir('pg_wal', true, false) AS name
    WHERE name ~ '^[0-9A-F]{8}\.history$'
$function$;
REVOKE ALL ON FUNCTION pgdr.timeline_history() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgdr.timeline_history() TO pgdr;

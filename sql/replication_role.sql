-- Makes, or completes, the role that nodes replicate with: standbys stream by it, pg_basebackup copies by it, and
-- pg_rewind reads by it from the server that is primary now.
--
-- PostgreSQL 14 to 18. Run it once as a superuser, on the primary, in the database that pgdr connects to (the grants
-- below hold in that database only); the standbys get it by replication. It may be run again. The role is
-- pgdr_replication; to complete one that exists, name it before:
--     PGOPTIONS='-c pgdr.replication_role=replicator' psql -f replication_role.sql
-- Its password stands in a passfile on each node. pg_hba.conf on every node must let it in from every other node, to
-- the database "replication" and, for pg_rewind, to the database that pgdr connects to.
--
-- The four functions are those that pg_rewind's documentation names. They read any file of the data directory, which
-- holds nothing that a copy by pg_basebackup would not hold as well.
DO $do$
DECLARE
    replication_role name := COALESCE(NULLIF(current_setting('pgdr.replication_role', true), ''), 'pgdr_replication');
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = replication_role) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', replication_role);
    END IF;
    EXECUTE format('ALTER ROLE %I REPLICATION', replication_role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean) TO %I', replication_role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean) TO %I', replication_role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text) TO %I', replication_role);
    EXECUTE format(
        'GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO %I',
        replication_role);
END
$do$;

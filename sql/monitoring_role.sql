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

-- What pg_hba.conf on the server that is asked would do with a replication login: the first rule that fits a role
-- and an address over TCP, "certain" false where only a real login could tell (a host name, samehost, samenet, a
-- pattern, a rule for encrypted connections only). No row: no rule fits and the login would be refused. With it
-- pgdr check sees before a role change that the other nodes could not follow. It tells of replication rules only.
CREATE OR REPLACE FUNCTION pgdr.replication_access(role_name name, client inet)
RETURNS TABLE (file text, line integer, method text, certain boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    -- Included files (16 and later) have lines of their own; rule_number is the order that counts.
    SELECT COALESCE(regexp_replace(to_jsonb(rule) ->> 'file_name', '.*/', ''), 'pg_hba.conf'),
           rule.line_number, rule.auth_method,
           rule.type = 'host' AND fits.role AND fits.address
    FROM pg_hba_file_rules AS rule
    CROSS JOIN LATERAL (
        SELECT CASE
                   WHEN rule.user_name && ARRAY['all', role_name::text] THEN true
                   WHEN EXISTS (SELECT FROM unnest(rule.user_name) AS entry WHERE left(entry, 1) IN ('+', '/')) THEN NULL
                   ELSE false
               END AS role,
               CASE
                   WHEN rule.address = 'all' THEN true
                   WHEN rule.netmask IS NULL THEN NULL
                   WHEN family(rule.address::inet) <> family(client) THEN false
                   ELSE host(rule.address::inet & rule.netmask::inet) = host(client & rule.netmask::inet)
               END AS address
    ) AS fits
    WHERE rule.error IS NULL AND rule.type <> 'local' AND 'replication' = ANY (rule.database)
      AND fits.role IS NOT FALSE AND fits.address IS NOT FALSE
    ORDER BY COALESCE((to_jsonb(rule) ->> 'rule_number')::int, rule.line_number)
    LIMIT 1
$function$;
REVOKE ALL ON FUNCTION pgdr.replication_access(name, inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgdr.replication_access(name, inet) TO pgdr;

-- What a server could trip over once it is primary, beyond what observe.sql sees: one row, one JSON document in
-- column "document".
--
-- PostgreSQL 14 to 18; any role. Looks at the database it is connected to. Parameters: none. Writes nothing.
-- "extensions": installed here, and whether this host has the files for them (a standby may lack them: the catalog
-- is replicated, the files are not). "collations": those whose recorded version differs from what this host's
-- libraries provide; indexes that depend on them may be corrupt here.
SELECT json_build_object(
    'extensions', (
        SELECT COALESCE(json_agg(json_build_object(
            'name', e.extname,
            'version', e.extversion,
            'available', EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = e.extname),
            'version_available', EXISTS (
                SELECT FROM pg_available_extension_versions v
                WHERE v.name = e.extname AND v.version = e.extversion)
        ) ORDER BY e.extname), '[]'::json)
        FROM pg_extension e),
    'collations', (
        SELECT COALESCE(json_agg(json_build_object(
            'name', c.collname, 'recorded', c.collversion, 'actual', pg_collation_actual_version(c.oid)
        ) ORDER BY c.collname), '[]'::json)
        FROM pg_collation c
        WHERE c.collversion IS NOT NULL AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid)),
    'may_promote', has_function_privilege('pg_promote(boolean,integer)', 'EXECUTE')
) AS document

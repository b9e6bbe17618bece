-- Databases whose default collation has another version on this host than when it was recorded; indexes on text
-- may be corrupt here.
--
-- PostgreSQL 15 to 18 (before, databases record no version); any role. Columns: name, recorded, actual (NULL when
-- the host doesn't tell).
SELECT datname AS name, datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual
FROM pg_database
WHERE datallowconn AND datcollversion IS NOT NULL
  AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)
ORDER BY datname

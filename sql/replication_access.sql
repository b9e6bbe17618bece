-- What pg_hba.conf on this server would do with a replication login by role $1 from address $2 over TCP.
--
-- PostgreSQL 14 to 18. Needs EXECUTE on pgdr.replication_access(), which monitoring_role.sql makes; without the
-- function: SQLSTATE 42883 or 3F000. Columns: file and line of the rule, method, certain (see there). No row: refused.
SELECT file, line, method, certain FROM pgdr.replication_access($1::name, $2::inet)

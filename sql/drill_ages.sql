-- How long ago the last drill of each kind that passed has ended: a row a kind, in seconds.
--
-- PostgreSQL 14 to 18; also on a standby, which tells what it has replayed. Needs SELECT on pgdr.drill, which schema.sql
-- makes. Writes nothing.
-- Parameters: none.
SELECT kind, extract(epoch FROM clock_timestamp() - max(at))::double precision AS age
FROM pgdr.drill
WHERE passed
GROUP BY kind

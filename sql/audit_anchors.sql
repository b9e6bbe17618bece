-- The heads of an audit log that are kept in the cluster, the oldest first.
--
-- PostgreSQL 14 to 18; also on a standby. Needs SELECT on what schema.sql makes. Writes nothing.
-- Parameters: $1 the log's observer (HOST:DIRECTORY).
-- Columns: seq (the number of the event), hash (its line's SHA-256, hexadecimal).
SELECT seq, hash FROM pgdr.audit_anchor WHERE observer = $1::text ORDER BY seq

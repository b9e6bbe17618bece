-- Keeps the head of an audit log in the cluster, once a primary is writable: one row, one column "stands".
--
-- PostgreSQL 14 to 18. Needs what schema.sql makes, as role pgdr or one that has its rights.
-- Parameters: $1 the log's observer (HOST:DIRECTORY), $2 the number of the event, $3 its line's SHA-256 (64 lower
-- case hexadecimal digits). An anchor is never changed: "stands" is false when another hash is kept for that number.
WITH written AS (
    INSERT INTO pgdr.audit_anchor (observer, seq, hash) VALUES ($1::text, $2::bigint, $3::text)
    ON CONFLICT (observer, seq) DO NOTHING
    RETURNING seq
)
SELECT EXISTS (SELECT FROM written)
    OR EXISTS (
        SELECT FROM pgdr.audit_anchor
        WHERE observer = $1::text AND seq = $2::bigint AND hash = $3::text) AS stands

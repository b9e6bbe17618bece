-- Ends the pause there is: no rows.
--
-- PostgreSQL 14 to 18, on a primary. Needs INSERT and UPDATE on pgdr.control, as schema.sql gives pgdr_admin.
-- Parameters: $1 why, NULL: not said; $2 who wants it, as the audit log names actors.
INSERT INTO pgdr.control (key, value, actor, reason) VALUES ('pause', NULL, $2::text, $1::text)
ON CONFLICT (key) DO UPDATE
SET value = NULL, actor = EXCLUDED.actor, reason = EXCLUDED.reason, at = DEFAULT

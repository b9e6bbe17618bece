-- Keeps failover from happening by itself until a time, in place of any other pause there is: no rows.
--
-- PostgreSQL 14 to 18, on a primary. Needs INSERT and UPDATE on pgdr.control, as schema.sql gives pgdr_admin.
-- Parameters: $1 the time, RFC 3339; $2 why; $3 who wants it, as the audit log names actors.
INSERT INTO pgdr.control (key, value, actor, reason)
VALUES ('pause', jsonb_build_object('until', $1::timestamptz), $3::text, $2::text)
ON CONFLICT (key) DO UPDATE
SET value = EXCLUDED.value, actor = EXCLUDED.actor, reason = EXCLUDED.reason, at = DEFAULT

-- Adds a failover to those there were: no rows. One that is there already stays as it is: of the same run, or kept by
-- another observer that completed it.
--
-- PostgreSQL 14 to 18, on the new primary. Needs INSERT on pgdr.failover, as schema.sql gives pgdr_admin.
-- Parameters: $1 the run; $2 the new primary; $3 the old one; $4 the timeline that was replaced; $5 what identifies the
-- alert that caused it, NULL: none; $6 whether nobody asked for it but the configuration; $7 what was lost, JSON, NULL:
-- not known; $8 the host that carried it out.
INSERT INTO pgdr.failover (run, primary_node, old_primary, timeline, trigger_id, automatic, loss, observer)
SELECT $1::text, $2::text, $3::text, $4::bigint, $5::text, $6::boolean, $7::jsonb, $8::text
WHERE NOT EXISTS (SELECT FROM pgdr.failover WHERE primary_node = $2::text AND timeline = $4::bigint)
ON CONFLICT (run) DO NOTHING

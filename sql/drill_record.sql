-- Adds a drill to those there were: no rows. One that is there already stays as it is.
--
-- PostgreSQL 14 to 18, on the primary. Needs INSERT on pgdr.drill, as schema.sql gives pgdr_admin.
-- Parameters: $1 the run; $2 what was practised; $3 the node it was practised on; $4 whether it passed; $5 the host that
-- carried it out.
INSERT INTO pgdr.drill (run, kind, node, passed, observer)
VALUES ($1::text, $2::text, $3::text, $4::boolean, $5::text)
ON CONFLICT (run) DO NOTHING

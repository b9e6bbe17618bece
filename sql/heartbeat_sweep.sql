-- Removes the commits of a probe that is over, and those that probes which are gone have left: no rows.
--
-- PostgreSQL 14 to 18, on the primary. Needs DELETE on pgdr.heartbeat, as schema.sql gives role pgdr.
-- Parameters: $1 the probe's run.
DELETE FROM pgdr.heartbeat WHERE run = $1::text
    OR run IN (SELECT run FROM pgdr.heartbeat GROUP BY run HAVING max(at) < now() - interval '1 day')

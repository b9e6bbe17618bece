-- The server's timeline history files: asked only when the nodes of a cluster are on different timelines.
--
-- PostgreSQL 14 to 18. Needs EXECUTE on pgdr.timeline_history(), which monitoring_role.sql makes.
-- Columns: timeline (number), content (text of pg_wal/XXXXXXXX.history). Writes nothing.
SELECT timeline, content FROM pgdr.timeline_history() ORDER BY timeline

-- Adds one commit of a probe and says which server takes it: one row. "address" and "port" are the server's own, NULL over
-- a Unix socket; "timeline" is the one that it writes on.
--
-- PostgreSQL 14 to 18, on the primary. Needs INSERT on pgdr.heartbeat, as schema.sql gives role pgdr. It relies on no
-- state of the session, so that it may go through a pooler.
-- Parameters: $1 the probe's run, $2 the number of the commit.
INSERT INTO pgdr.heartbeat (run, number) VALUES ($1::text, $2::bigint)
RETURNING host(inet_server_addr()) AS address, inet_server_port() AS port,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint AS timeline

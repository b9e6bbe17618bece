-- Makes the tables that pgdr keeps in the cluster it protects: where its audit logs stood, its control state, and
-- what its probes commit. They are replicated by the replication they serve, so every observer sees the same, and they are
-- still there after a role change.
--
-- PostgreSQL 14 to 18. Optional: pgdr works without it, but then no failover happens by itself, and nothing outside
-- the machine it runs on can show that its audit log was cut short. Run it once as a superuser, on the primary, in the database that pgdr connects
-- to; before or after monitoring_role.sql and admin_role.sql. It may be run again, and changes no row.
--
-- What pgdr's roles may do: pgdr reads all of them, adds anchors, and adds and removes what its probes commit; pgdr_admin
-- changes the control state and adds failovers and drills. Nobody but a superuser can change or remove one of these or an
-- anchor.
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgdr') THEN
        CREATE ROLE pgdr LOGIN;
    END IF;
END
$do$;

CREATE SCHEMA IF NOT EXISTS pgdr;
REVOKE ALL ON SCHEMA pgdr FROM PUBLIC;
GRANT USAGE ON SCHEMA pgdr TO pgdr;

-- Heads of audit logs: "line seq of the log had the SHA-256 hash". What a log says today must agree with them.
CREATE TABLE IF NOT EXISTS pgdr.audit_anchor (
    -- The host and the directory of the log, HOST:DIRECTORY.
    observer text NOT NULL,
    -- The number of the event.
    seq bigint NOT NULL CHECK (seq > 0),
    -- Hexadecimal, lower case, over the bytes of the line without its newline.
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    -- When it was written here, by the server's clock.
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (observer, seq)
);
COMMENT ON TABLE pgdr.audit_anchor IS 'Heads of the audit logs of pgdr; rows are only added.';
GRANT SELECT ON pgdr.audit_anchor TO pgdr;
GRANT INSERT (observer, seq, hash) ON pgdr.audit_anchor TO pgdr;

-- What holds for all observers of the cluster: a pause for maintenance, the cool-down after a failover, and so on.
CREATE TABLE IF NOT EXISTS pgdr.control (
    -- What it is about. "pause": no failover happens by itself.
    key text PRIMARY KEY,
    -- Its state, of a form that the key decides; NULL: not in force. Of a pause {"until": RFC 3339, or null for one
    -- without an end}.
    value jsonb,
    -- Who set it, as the audit log names actors.
    actor text NOT NULL,
    -- Why, in a person's words; NULL: not said.
    reason text,
    -- When it was set, by the server's clock.
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pgdr.control IS 'The control state of pgdr: one row for each thing that holds for all observers.';
GRANT SELECT ON pgdr.control TO pgdr;

-- The failovers that pgdr carried out. They tell when the next one may happen by itself, and which alerts have had
-- theirs.
CREATE TABLE IF NOT EXISTS pgdr.failover (
    -- The run that did it.
    run text PRIMARY KEY,
    -- When it was written here, by the new primary's clock.
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The node that became primary.
    primary_node text NOT NULL,
    -- The node whose place it took.
    old_primary text NOT NULL,
    -- The timeline that ended with that.
    timeline bigint NOT NULL CHECK (timeline > 0),
    -- What identifies the alert that caused it; NULL: none.
    trigger_id text,
    -- Whether nobody asked for it but the configuration.
    automatic boolean NOT NULL,
    -- What was lost, as far as it was known then; NULL: not known.
    loss jsonb,
    -- The host that carried it out.
    observer text NOT NULL
);
COMMENT ON TABLE pgdr.failover IS 'The failovers that pgdr carried out; rows are only added.';
GRANT SELECT ON pgdr.failover TO pgdr;

-- The drills that pgdr carried out, so that every observer sees how long ago the last one was.
CREATE TABLE IF NOT EXISTS pgdr.drill (
    -- What identifies it in the audit log.
    run text PRIMARY KEY,
    -- When it ended, by the primary's clock.
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What was practised: switchover, snapshot or clone.
    kind text NOT NULL,
    -- The node it was practised on.
    node text NOT NULL,
    -- Whether all was as it has to be.
    passed boolean NOT NULL,
    -- The host that carried it out.
    observer text NOT NULL
);
COMMENT ON TABLE pgdr.drill IS 'The drills that pgdr carried out; rows are only added.';
GRANT SELECT ON pgdr.drill TO pgdr;

-- What probes commit, to see when the cluster takes writes and which of them it keeps. A probe removes its rows at its
-- end; what one has left that was cut off, the next one removes a day later. A probe that connects as another role
-- needs what role pgdr has: GRANT pgdr TO that_role.
DO $do$
BEGIN
    -- That of an older pgdr, to which nothing was ever written.
    IF EXISTS (
        SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = to_regclass('pgdr.heartbeat') AND attname = 'observer' AND NOT attisdropped)
    THEN
        DROP TABLE pgdr.heartbeat;
    END IF;
END
$do$;
CREATE TABLE IF NOT EXISTS pgdr.heartbeat (
    -- The probe.
    run text NOT NULL,
    -- The number of its commit, from 1.
    number bigint NOT NULL CHECK (number > 0),
    -- When it was written here, by the server's clock.
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, number)
);
COMMENT ON TABLE pgdr.heartbeat IS 'What the probes of pgdr commit while they run.';
GRANT SELECT, INSERT, DELETE ON pgdr.heartbeat TO pgdr;

DO $do$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgdr_admin') THEN
        GRANT pgdr TO pgdr_admin;
        GRANT INSERT, UPDATE ON pgdr.control TO pgdr_admin;
        GRANT INSERT (run, primary_node, old_primary, timeline, trigger_id, automatic, loss, observer)
            ON pgdr.failover TO pgdr_admin;
        GRANT INSERT (run, kind, node, passed, observer) ON pgdr.drill TO pgdr_admin;
    END IF;
END
$do$;

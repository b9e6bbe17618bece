-- Makes the tables that pgdr keeps in the cluster it protects: where its audit logs stood, its control state, and
-- its heartbeat. They are replicated by the replication they serve, so every observer sees the same, and they are
-- still there after a role change.
--
-- PostgreSQL 14 to 18. Optional: pgdr works without it, but then nothing outside the machine it runs on can show
-- that its audit log was cut short. Run it once as a superuser, on the primary, in the database that pgdr connects
-- to; before or after monitoring_role.sql and admin_role.sql. It may be run again, and changes no row.
--
-- What pgdr's roles may do: pgdr reads all three, adds anchors, which nobody but a superuser can change or remove
-- then, and writes its heartbeat; pgdr_admin changes the control state.
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
    -- What it is about, such as "pause".
    key text PRIMARY KEY,
    -- Its state, of a form that the key decides; NULL: not in force.
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

-- When an observer last wrote to the primary, and where the primary stood.
CREATE TABLE IF NOT EXISTS pgdr.heartbeat (
    -- The host that observes.
    observer text PRIMARY KEY,
    -- When, by the server's clock.
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What the primary had written then.
    lsn pg_lsn NOT NULL DEFAULT pg_current_wal_lsn()
);
COMMENT ON TABLE pgdr.heartbeat IS 'When each observer of pgdr last wrote to the primary.';
GRANT SELECT, INSERT, UPDATE ON pgdr.heartbeat TO pgdr;

DO $do$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pgdr_admin') THEN
        GRANT pgdr TO pgdr_admin;
        GRANT INSERT, UPDATE ON pgdr.control TO pgdr_admin;
    END IF;
END
$do$;

-- What a client's session has arrived at: one row.
--
-- PostgreSQL 14 to 18. Needs no privileges. Parameters: none.
-- Columns: standby (whether the server is in recovery), read_only (whether writes are refused), version.
SELECT pg_catalog.pg_is_in_recovery() AS standby,
    pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool AS read_only,
    pg_catalog.current_setting('server_version') AS version

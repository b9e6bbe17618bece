# Promotes the server that was started apart, unless it was, and proves that it takes writes; the words from `$3` on are
# psql.
#
# A checkpoint tells the new timeline to whatever reads the control file. The mark that the promotion takes away is back
# at once: whatever starts the data starts a standby.
set -eu
data=$1
shift 2
"$@" <<'SQL'
SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, 3600) END;
SELECT pg_logical_emit_message(true, 'pgdr', 'write check') IS NOT NULL;
CHECKPOINT;
SQL
: >"$data/standby.signal"

# Promotes the server that was started apart, unless it was, and proves that it takes writes; the words from `$3` on are
# psql.
#
# The mark that the promotion takes away is back at once: whatever starts the data starts a standby. A checkpoint tells
# the new timeline to whatever reads the control file.
set -eu
data=$1
shift 2
mark() {
    : >"$data/standby.signal"
    sync "$data/standby.signal" 2>/dev/null || :
}
trap mark EXIT
trap 'exit 143' HUP INT TERM
"$@" -c 'SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, 3600) END'
mark
"$@" <<'SQL'
SELECT pg_logical_emit_message(true, 'pgdr', 'write check') IS NOT NULL;
CHECKPOINT;
SQL

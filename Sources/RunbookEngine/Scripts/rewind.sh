# Runs pg_rewind, the words from `$3` on, after whatever is left of one that was cut off.
#
# It removes `standby.signal` at its end, which is back as soon as it has ended: whatever starts the server after
# that can't start it as a primary.
data=$1
shift 2
test -f "$data/PG_VERSION" || exit 1
end_copies pg_rewind "$data"
trap ': >"$data/standby.signal"' EXIT
trap 'exit 143' HUP INT TERM
"$@"

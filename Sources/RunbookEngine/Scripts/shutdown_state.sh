# Waits, for a few seconds at most, until the server has removed its pid file, and reads the control file.
#
# To remove it is the last thing it does; both take one round trip. The words from `$3` on are pg_controldata.
data=$1
shift 2
turns=0
while test -e "$data/postmaster.pid" && test "$turns" -lt 1000; do
    # Where there are no fractions of a second a turn is a whole one.
    if sleep 0.003 2>/dev/null; then turns=$((turns + 1)); else sleep 1 && turns=$((turns + 250)); fi
done
exec "$@"

# Waits, for a few seconds at most, until the server has removed its pid file, and reads the control file.
#
# To remove it is the last thing it does; both take one round trip. The words from `$3` on are pg_controldata.
data=$1
shift 2
end=$(($(date +%s) + 4))
while test -e "$data/postmaster.pid" && test "$(date +%s)" -lt "$end"; do sleep 0.003 2>/dev/null || sleep 1; done
exec "$@"

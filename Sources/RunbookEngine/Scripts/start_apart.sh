# Starts a server on the data directory where nobody reaches it but over a socket of its own, as a standby that follows
# nobody; the words from `$3` on are pg_ctl and all that it needs.
#
# Only the server's account can enter the socket's directory, and is trusted there. How the server was started before is
# put back at once: its service may start it so again.
set -eu
data=$1 place="/tmp/$2" options="$1/postmaster.opts" kept="$1.$2-options"
shift 2
test -f "$data/PG_VERSION"
mkdir -m 700 "$place" 2>/dev/null || {
    test -d "$place" && test ! -h "$place" && test -O "$place" || { echo "$place is not ours" >&2; exit 1; }
}
echo 'local all all trust' >"$place/pg_hba.conf"
# Those of a server that was started apart are nobody's own.
if test -e "$options" && test ! -e "$kept" && ! grep -qF "unix_socket_directories=/tmp/pgdr-" "$options"; then
    cp -p "$options" "$kept.new"
    mv "$kept.new" "$kept"
fi
# A server that was killed is a process until somebody takes notice, and keeps another one from starting so long.
pid= turns=0
if test -e "$data/postmaster.pid"; then read -r pid <"$data/postmaster.pid" || :; fi
while test -n "$pid" && test ! "/proc/$pid/cwd" -ef "$data" && kill -0 "$pid" 2>/dev/null && test "$turns" -lt 10; do
    turns=$((turns + 1))
    sleep 1
done
: >"$data/standby.signal"
"$@" || {
    code=$?
    tail -n 3 "$place/log" >&2
    exit "$code"
}
if test -e "$kept"; then cp -p "$kept" "$options"; fi

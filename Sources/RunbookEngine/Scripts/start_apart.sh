# Starts a server on the data directory where nobody reaches it but over a socket of its own, as a standby that follows
# nobody; the words from `$3` on are pg_ctl and all that it needs.
#
# Only the server's account can enter the socket's directory, and is trusted there. How the server was started before is
# put back at once: its service may start it so again.
set -eu
data=$1 apart="$1.$2-apart" sockets="/tmp/$2"
shift 2
test -f "$data/PG_VERSION"
mkdir -m 700 "$sockets" 2>/dev/null || {
    test -d "$sockets" && test ! -h "$sockets" && test -O "$sockets" || { echo "$sockets is not ours" >&2; exit 1; }
}
mkdir -p -m 700 "$apart"
echo 'local all all trust' >"$apart/pg_hba.conf"
if test -e "$data/postmaster.opts" && test ! -e "$apart/postmaster.opts"; then
    cp -p "$data/postmaster.opts" "$apart/postmaster.opts.new"
    mv "$apart/postmaster.opts.new" "$apart/postmaster.opts"
fi
: >"$data/standby.signal"
"$@" || {
    code=$?
    tail -n 3 "$apart/log" >&2
    exit "$code"
}
if test -e "$apart/postmaster.opts"; then cp -p "$apart/postmaster.opts" "$data/postmaster.opts"; fi

# Stops the server that was started apart, if it runs, and leaves any other one alone; the words from `$3` on are pg_ctl
# and all that it needs.
set -eu
data=$1 place="/tmp/$2"
shift 2
pid=
if test -e "$data/postmaster.pid"; then read -r pid <"$data/postmaster.pid" || :; fi
if test -n "$pid" && test "/proc/$pid/cwd" -ef "$data" &&
    tr '\000' '\n' <"/proc/$pid/cmdline" | grep -qxF -e "unix_socket_directories=$place"; then
    "$@"
fi
if test -e "$place/options"; then cp -p "$place/options" "$data/postmaster.opts"; fi

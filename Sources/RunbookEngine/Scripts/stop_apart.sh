# Stops the server that was started apart, if it runs, and leaves any other one alone; the words from `$3` on are pg_ctl
# and all that it needs.
#
# One that was promoted has the mark of a standby, whatever became of the one who promoted it.
set -eu
data=$1 place="/tmp/$2" options="$1.$2-options"
if test -e "$data.$2-opened"; then : >"$data/standby.signal"; fi
shift 2
pid=
if test -e "$data/postmaster.pid"; then read -r pid <"$data/postmaster.pid" || :; fi
if test -n "$pid" && test "/proc/$pid/cwd" -ef "$data" &&
    tr '\000' '\n' <"/proc/$pid/cmdline" | grep -qxF -e "unix_socket_directories=$place"; then
    "$@"
fi
if test -e "$options"; then cp -p "$options" "$data/postmaster.opts"; fi

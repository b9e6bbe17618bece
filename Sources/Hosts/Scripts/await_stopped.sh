# Waits until no PostgreSQL server runs on a data directory, and says so: the proof that a stopped server is stopped.
#
# A server is known by what cannot be out of date: a process called postgres whose current directory is the data
# directory. That finds a postmaster without a pid file and backends that outlive it, and no zombie, which has no
# current directory any more though it still has a number.
#
# Words: the data directory, the seconds to wait at most (0: only to look), and where the server is to be told to stop
# first, the command for that. Its failure is this one's unless there is no server any more a moment later: what was
# about to go anyway can't be told to. Writes "gone", or "running" and the process, or "unknown" and why.
data=$1 limit=$2
shift 2
if [ ! -d "$data" ]; then echo "unknown the data directory does not exist"; exit 0; fi
if [ ! -e /proc/self/cwd ]; then echo "unknown there is no /proc"; exit 0; fi
# Other accounts' current directories cannot be seen.
if [ ! -O "$data" ] && [ "$(id -u)" != 0 ]; then echo "unknown the data directory is another account's"; exit 0; fi

is_server() {
    [ "$1/cwd" -ef "$data" ] || return 1
    name=
    read -r name <"$1/comm" || return 1
    case $name in postgres | postmaster | edb-postgres | edb-postmaster) return 0 ;; esac
    return 1
}
find_server() {
    for process in /proc/[0-9]*; do
        if is_server "$process"; then return 0; fi
    done
    return 1
}
nap() { sleep "$1" 2>/dev/null || sleep 1; }

process=
pid=
[ -r "$data/postmaster.pid" ] && read -r pid <"$data/postmaster.pid"
pid=${pid#-}
case $pid in '' | *[!0-9]*) ;; *) process=/proc/$pid ;; esac
[ "$limit" = 0 ] || end=$(($(date +%s) + limit))
status=0
if [ $# -gt 0 ]; then "$@" || status=$?; fi
[ "$status" = 0 ] || end=$(($(date +%s) + 2))
turns=0
while :; do
    # Looking at one process is cheap, at all of them is only done once that one is gone.
    if [ -z "$process" ] || ! is_server "$process"; then
        if ! find_server; then echo gone; exit 0; fi
    fi
    [ "$limit" != 0 ] || break
    turns=$((turns + 1))
    if [ $turns -lt 400 ]; then nap 0.004; else nap 0.05; fi
    if [ $((turns % 20)) = 0 ]; then
        [ "$(date +%s)" -lt "$end" ] || break
    fi
done 2>/dev/null
[ "$status" = 0 ] || exit "$status"
echo "running ${process#/proc/}"

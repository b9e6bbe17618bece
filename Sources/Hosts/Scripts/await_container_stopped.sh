# Waits until a container has ended, and says so. Its first process is watched first, which costs nothing, and the
# runtime is asked for its word only then.
#
# Words: the runtime, the container, its first process's number on this host or 0, when that process started in clock
# ticks, the seconds to wait at most. Writes "gone", or "running" and the process, or "unknown" and why.
runtime=$1 container=$2 pid=$3 ticks=$4 limit=$5
nap() { sleep "$1" 2>/dev/null || sleep 1; }
is_there() {
    [ "$pid" != 0 ] || return 1
    line=
    read -r line <"/proc/$pid/stat" || return 1
    line=${line##*) }
    # A number that was given away again belongs to a process that started later.
    set -- $line
    case $1 in Z | X | x) return 1 ;; esac
    [ "${20}" = "$ticks" ]
}
[ "$limit" = 0 ] || end=$(($(date +%s) + limit))
turns=0
while :; do
    if ! is_there; then
        if ! status=$("$runtime" container inspect --format '{{.State.Status}}' "$container" 2>&1); then
            echo "unknown $status"
            exit 0
        fi
        case $status in exited | stopped | created | dead | configured) echo gone; exit 0 ;; esac
    fi
    [ "$limit" != 0 ] || break
    turns=$((turns + 1))
    if [ $turns -lt 400 ]; then nap 0.004; else nap 0.05; fi
    if [ $((turns % 20)) = 0 ]; then
        [ "$(date +%s)" -lt "$end" ] || break
    fi
done 2>/dev/null
echo "running $pid"

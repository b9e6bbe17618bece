# Waits until a PostgreSQL server on a data directory takes connections, by what it writes into postmaster.pid itself;
# nobody has to log in for that.
#
# Words: the data directory, the seconds to wait at most, the seconds without any server after which it is given up.
# Writes the server's own word ("ready", or "standby" for one with hot_standby off; "starting", "stopping" when time is
# up) and its process, or "gone", or "unknown" and why.
data=$1 limit=$2 grace=$3
if [ ! -d "$data" ]; then echo "unknown the data directory does not exist"; exit 0; fi
if [ ! -O "$data" ] && [ "$(id -u)" != 0 ]; then echo "unknown the data directory is another account's"; exit 0; fi
nap() { sleep "$1" 2>/dev/null || sleep 1; }

look() {
    pid= word=
    {
        read -r pid
        read -r _; read -r _; read -r _; read -r _; read -r _; read -r _
        read -r word
    } <"$data/postmaster.pid" || [ -n "$pid" ] || return 1
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    [ "/proc/$pid/cwd" -ef "$data" ]
}
start=$(date +%s)
seen=$start
turns=0
while :; do
    now=
    if look; then
        case $word in ready | standby) echo "$word $pid"; exit 0 ;; esac
        state="${word:-starting} $pid"
        seen=
    else
        state=gone
        now=$(date +%s)
        seen=${seen:-$now}
        [ $((now - seen)) -lt "$grace" ] || break
    fi
    turns=$((turns + 1))
    [ $((turns % 20)) = 0 ] && now=$(date +%s)
    [ $((${now:-$start} - start)) -lt "$limit" ] || break
    if [ $turns -lt 400 ]; then nap 0.004; else nap 0.05; fi
done 2>/dev/null
echo "$state"

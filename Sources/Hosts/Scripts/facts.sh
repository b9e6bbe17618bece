# What pgdr has to know of a node's host before it acts there. Changes nothing.
#
# Runs as the user who logged in; what only the server's account may see, owner_facts.sh finds out, which comes as a
# word. For any POSIX shell on Linux. Writes pairs of a name and a value, each ended by a NUL, since file names may
# hold anything else.
#
# Words: the text of owner_facts.sh, the data directory or nothing, directories of PostgreSQL's programs parted by
# colons, the systemd unit or nothing, Debian's version and cluster or nothing, the container's runtime and name or
# nothing, the word to probe sudo with; then the words that come before a command of another account.
LC_ALL=C
export LC_ALL
fact() { printf '%s\0%s\0' "$1" "$2"; }

inner=$1 data=$2 programs=$3 unit=$4 version=$5 cluster=$6 runtime=$7 container=$8
shift 8

fact user "$(id -un 2>/dev/null)"
uid=$(id -u)
fact uid "$uid"
fact home "$HOME"
fact hostname "$(hostname 2>/dev/null || uname -n)"
fact system "$(uname -s)"
for tool in runuser setpriv; do
    path=$(command -v "$tool" || command -v "/usr/sbin/$tool" || command -v "/sbin/$tool") && fact "tool" "$path"
done

# How root is become: nothing to do, the configured words, or not at all.
as_root() {
    if [ "$uid" = 0 ]; then "$@"; else [ "$words" -gt 0 ] && become "$@"; fi
}
words=$#
become_words=
for word; do become_words="$become_words '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"; done
become() { eval "set -- $become_words -- \"\$@\""; "$@" </dev/null; }
become_user() { user=$1; shift; eval "set -- $become_words -u \"\$user\" -- \"\$@\""; "$@" </dev/null; }

if [ "$uid" = 0 ]; then
    fact root 1
elif [ "$words" -gt 0 ]; then
    if message=$(become true 2>&1); then fact root 1; else fact root_refusal "$message"; fi
fi

if [ -n "$unit" ] && command -v systemctl >/dev/null; then
    fact unit "$(systemctl show --no-pager -p LoadState,ActiveState,SubState,UnitFileState,FragmentPath,MainPID,Restart \
        -- "$unit" 2>&1)"
fi
if [ -n "$cluster" ]; then
    directory=${PG_CLUSTER_CONF_ROOT:-/etc/postgresql}/$version/$cluster
    if [ -d "$directory" ]; then
        fact cluster_directory "$directory"
        [ -r "$directory/start.conf" ] && fact cluster_start "$(cat "$directory/start.conf")"
        if [ -z "$data" ]; then data=$(pg_conftool -s "$version" "$cluster" show data_directory 2>/dev/null); fi
    fi
fi
if [ -n "$container" ]; then
    # With .Id docker takes the form of its JSON, which lacks a stop signal that nobody has set.
    format='{{.ID}}{{"\n"}}{{.State.Status}}{{"\n"}}{{.State.Pid}}{{"\n"}}{{.Config.StopSignal}}{{"\n"}}{{.HostConfig.RestartPolicy.Name}}{{with .HostConfig.RestartPolicy.MaximumRetryCount}}:{{.}}{{end}}{{"\n"}}{{.Config.Image}}{{range .Mounts}}{{"\n"}}{{.Source}}{{"\n"}}{{.Destination}}{{end}}'
    account=login
    if ! answer=$("$runtime" container inspect --format "$format" "$container" 2>&1); then
        refusal=$answer
        account=root
        answer=$(as_root "$runtime" container inspect --format "$format" "$container" 2>&1) || account=
    fi
    if [ -n "$account" ]; then
        fact container_account "$account"
        fact container "$answer"
        fact container_runtime "$("$runtime" --version 2>/dev/null)"
        pid=$(printf '%s\n' "$answer" | sed -n 3p)
        [ "${pid:-0}" != 0 ] && [ -r "/proc/$pid/stat" ] && fact container_process "$(cat "/proc/$pid/stat" 2>/dev/null)"
        unit_label='{{with index .Config.Labels "PODMAN_SYSTEMD_UNIT"}}{{.}}{{end}}'
        if [ "$account" = root ]; then label=$(as_root "$runtime" container inspect --format "$unit_label" "$container")
        else label=$("$runtime" container inspect --format "$unit_label" "$container"); fi
        fact container_unit "$label"
    else
        fact container_refusal "${answer:-$refusal}"
    fi
fi

[ -n "$data" ] || exit 0
fact data_directory "$data"
# The owner can be told from outside, if the way there is open.
stat="stat -L -c %U:%u:%g:%a:%d"
owner=$($stat -- "$data" 2>/dev/null) || owner=$(as_root $stat -- "$data" 2>/dev/null) || owner=
if [ -z "$owner" ]; then
    fact data_refusal "$(ls -ld -- "$data" 2>&1 >/dev/null)"
    exit 0
fi
fact data_owner "$owner"
owner_name=${owner%%:*} rest=${owner#*:}
owner_uid=${rest%%:*}
[ "$owner_name" = UNKNOWN ] && owner_name="#$owner_uid"
if [ "$owner_uid" != "$uid" ]; then
    entry=$(getent passwd "$owner_uid" 2>/dev/null) && fact owner_home "$(printf '%s' "$entry" | cut -d: -f6)"
fi
if [ "$owner_uid" = "$uid" ] || [ "$uid" = 0 ]; then
    fact server 1
    sh -c "$inner" pgdr-facts "$data" "$programs"
elif [ "$words" -gt 0 ]; then
    if message=$(become_user "$owner_name" true 2>&1); then
        fact server 1
        become_user "$owner_name" sh -c "$inner" pgdr-facts "$data" "$programs"
    else
        fact server_refusal "$message"
    fi
fi

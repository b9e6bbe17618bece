# What only the account of the PostgreSQL server may see of its host: the data directory, the postmaster and the
# programs. The second half of facts.sh, in the same form; root's eyes do too.
#
# Words: the data directory, directories of PostgreSQL's programs parted by colons.
LC_ALL=C
export LC_ALL
fact() { printf '%s\0%s\0' "$1" "$2"; }
data=$1 programs=$2

free() { df -Pk -- "$1" 2>/dev/null | { read -r _; read -r _ _ _ free _ && printf '%s' "$free"; }; }
fact free_kilobytes "$(free "$data")"
fact parent_free_kilobytes "$(free "$data/..")"
fact parent_device "$(stat -c %d -- "$data/.." 2>/dev/null)"
[ -w "$data/.." ] && fact parent_writable 1
[ -L "$data" ] && fact link_path 1
cd -- "$data" || exit 0
fact real_path "$(pwd -P)"
[ -f PG_VERSION ] && { read -r major <PG_VERSION; fact version "$major"; }
[ -f standby.signal ] && fact signal standby.signal
[ -f recovery.signal ] && fact signal recovery.signal
[ -f pgdr.fence ] && fact fenced 1 && fact fenced_restart "$(sed -n 2p pgdr.fence)"
if [ -L pg_wal ]; then
    fact wal_link "$(readlink pg_wal)"
    # Beside it on the same file system.
    [ -w pg_wal/.. ] && [ "$(stat -L -c %d pg_wal)" = "$(stat -c %d pg_wal/..)" ] && fact wal_parent_writable 1
fi
empty=1
for file in * .[!.]*; do
    [ -e "$file" ] || [ -L "$file" ] || continue
    empty=
    if [ -L "$file" ] && [ "$file" != pg_wal ]; then fact link "$file"; fact link_target "$(readlink "$file")"; fi
    if [ -f "$file" ] && [ ! -w "$file" ]; then fact read_only "$file"; fi
done
[ -n "$empty" ] && fact empty 1
for link in pg_tblspc/*; do
    [ -L "$link" ] || continue
    fact tablespace "${link#pg_tblspc/}"
    target=$(readlink "$link")
    fact tablespace_target "$target"
    fact tablespace_free "$(free "$target")"
done
[ -f postmaster.opts ] && fact options "$(cat postmaster.opts)"

# The postmaster is known by its current directory: a process number may belong to somebody else by now, and a
# process that is dead and only not yet waited for (a zombie) has no current directory any more.
pid=
if [ -r postmaster.pid ]; then
    fact pid_file "$(cat postmaster.pid)"
    read -r pid <postmaster.pid
    pid=${pid#-}
    case $pid in '' | *[!0-9]*) pid= ;; esac
fi
if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then
    stat=$(cat "/proc/$pid/stat" 2>/dev/null)
    fact process "$stat"
    if [ "/proc/$pid/cwd" -ef . ]; then
        fact is_server 1
        fact executable "$(readlink "/proc/$pid/exe")"
        fact standard_error "$(readlink "/proc/$pid/fd/2")"
        # In the same one as this shell it is nobody's: all of this host may run in a container.
        group=$(cat "/proc/$pid/cgroup" 2>/dev/null)
        [ "$group" = "$(cat /proc/self/cgroup 2>/dev/null)" ] || fact cgroup "$group"
        rest=${stat##*) }
        rest=${rest#* }
        parent=${rest%% *}
        [ "${parent:-0}" != 0 ] && fact parent "$(cat "/proc/$parent/comm" 2>/dev/null)"
    fi
fi

directory=
executable=$(readlink "/proc/${pid:-none}/exe" 2>/dev/null)
[ "/proc/${pid:-none}/cwd" -ef . ] || executable=
IFS=:
for place in $programs "${executable%/*}" "/usr/lib/postgresql/${major:-none}/bin" \
    "/usr/pgsql-${major:-none}/bin" "$(pg_config --bindir 2>/dev/null)" $PATH; do
    [ -n "$place" ] && [ -x "$place/postgres" ] && { directory=$place; break; }
done
unset IFS
[ -n "$directory" ] || exit 0
fact programs "$directory"
for program in postgres pg_ctl pg_rewind pg_basebackup pg_controldata pg_waldump; do
    if [ -x "$directory/$program" ]; then
        fact program "$program"
        # In the data directory a program "postgres" would pass for a server.
        fact program_version "$(cd / && "$directory/$program" --version 2>&1)"
    fi
done

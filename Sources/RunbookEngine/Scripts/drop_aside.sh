# Removes what was set aside, once what took its place works; of its tablespaces only what its major version has
# there, since servers of several may share their directories. Where its pg_wal was a link, the WAL that it led to
# goes too; what that is known by goes last.
set -eu
aside="$1.$2-old"
test -e "$1/PG_VERSION"
if test -e "$aside"; then
    # Of the copy, since what is removed may be half gone.
    version=$(cat "$1/PG_VERSION")
    test -n "$version"
    for link in "$aside"/pg_tblspc/*; do
        if test -h "$link"; then
            target=$(readlink "$link")
            remove "$target/PG_${version}_"*
            case $target in *.pgdr-*) rmdir "$target" || : ;; esac
        fi
    done
    if test -h "$aside/pg_wal"; then
        wal=$(readlink "$aside/pg_wal")
        case $wal in /*) ;; *) wal= ;; esac
        if test -n "$wal" && test -d "$wal/archive_status" && test ! "$wal" -ef "$1/pg_wal"; then
            for path in "$wal"/* "$wal"/.[!.]*; do test "${path##*/}" = archive_status || remove "$path"; done
            remove "$wal/archive_status"
            rmdir "$wal" || :
        fi
    fi
    remove "$aside"
fi
rm -f "$1/pgdr.$2"

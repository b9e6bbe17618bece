# Puts the node's own files back after pg_rewind, with a standby's mark.
set -eu
kept="$1.$2-own"
: >"$1/standby.signal"
if test -d "$kept"; then
    for path in "$kept"/* "$kept"/.[!.]*; do
        if test ! -e "$path" && test ! -h "$path"; then continue; fi
        rm -rf "$1/${path##*/}"
        cp -pPR "$path" "$1/"
    done
    rm -rf "$kept"
fi

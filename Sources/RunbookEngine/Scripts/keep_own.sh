# Sets the node's own files (`$3`, separated by blanks) aside before pg_rewind copies the source's over them.
#
# And all that it could not write: links, and what the server's account may only read. Writable copies take their
# places.
# A second attempt finds the files kept and doesn't take the source's for the node's own. With the word `copies` as `$4`
# they are only kept: a server may run on the data before.
set -eu
kept="$1.$2-own"
cd "$1"
test -f PG_VERSION
if test ! -d "$kept"; then
    rm -rf "$kept.tmp"
    mkdir -m 700 "$kept.tmp"
    for file in $3; do if test -e "$file" || test -h "$file"; then cp -pPR "$file" "$kept.tmp/"; fi; done
    for file in * .[!.]*; do
        if test "$file" = pg_wal || test -e "$kept.tmp/$file"; then continue; fi
        if test -h "$file" || { test -f "$file" && test ! -w "$file"; }; then cp -pP "$file" "$kept.tmp/"; fi
    done
    mv "$kept.tmp" "$kept"
fi
if test "${4-}" = copies; then exit 0; fi
for path in "$kept"/* "$kept"/.[!.]*; do
    file=${path##*/}
    if test -h "$file" || { test -f "$file" && test ! -w "$file"; }; then
        rm -rf "$file.$2"
        if test -d "$file"; then mkdir -m 700 "$file.$2"
        elif test -f "$file"; then cat "$file" >"$file.$2"
        else : >"$file.$2"; fi
        test -d "$file.$2" || chmod 600 "$file.$2"
        rm -f "$file"
        mv "$file.$2" "$file"
    fi
done

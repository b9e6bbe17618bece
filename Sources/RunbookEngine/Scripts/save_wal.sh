# Keeps the WAL from segment `$3` on beside the data directory, and lists which transactions are in it.
#
# They are listed from position `$4` on; the words from `$5` on are pg_waldump. Without a segment all WAL is kept.
# pg_waldump ends with an error where the WAL ends, which says nothing; any other is told. Each timeline is listed
# on its own.
set -eu
data=$1 kept="$1.$2-wal" segment=$3 start=$4
shift 4
test -f "$data/PG_VERSION"
mkdir -p -m 700 "$kept"
for file in "$data/pg_wal/"????????????????????????; do
    name=${file##*/}
    test -f "$file" && test "$(expr "x$name" '<' "x$segment")" != 1 || continue
    cp -p "$file" "$kept/"
done
for file in "$data/pg_wal/"*.history; do test ! -f "$file" || cp -p "$file" "$kept/"; done
first= last= problem=
list() {
    if test -z "$first"; then return; fi
    if test "$first" = "$segment"; then set -- "$@" --start="$start"; fi
    if ! env LC_ALL=C "$@" --path="$kept" --rmgr=Transaction "$first" "$last" \
        >>"$kept/transactions.txt" 2>"$kept/end.txt" &&
        ! grep -q 'error in WAL record at' "$kept/end.txt"; then
        problem=$(tail -n 1 "$kept/end.txt")
    fi
}
: >"$kept/transactions.txt"
for file in "$kept/"????????????????????????; do
    name=${file##*/}
    test -f "$file" || continue
    if test "${name%????????????????}" != "${last%????????????????}"; then
        list "$@"
        first=$name
    fi
    last=$name
done
list "$@"
test -z "$segment" || test -f "$kept/$segment" || problem="$segment is gone"
commits=$(grep -c 'desc: COMMIT' "$kept/transactions.txt" || :)
echo "$commits commits${start:+ beyond $start} are kept and listed in $kept/transactions.txt"
test -z "$problem" || echo "there may be more in $kept, which could not be listed: $problem"

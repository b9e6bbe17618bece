# Removes WAL and history files of timelines after `$3`, eight digits: pg_rewind leaves what it has read of them, by
# which the server would be taken for one that is on such a timeline, and which must not be there when it is promoted.
set -eu
cd "$1/pg_wal"
for file in [0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F]*; do
    name=$(printf %.8s "$file")
    test "$(expr "x$name" '>' "x$3")" = 1 || continue
    rm -f "$file" "archive_status/$file.ready" "archive_status/$file.done"
done

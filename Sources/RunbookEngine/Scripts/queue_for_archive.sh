# Marks the segments named on standard input as to be archived here, where they still are; overwrites nothing.
set -eu
cd "$1/pg_wal"
while read -r name; do
    case $name in *[!0-9A-F]*) continue ;; esac
    if test ! -e "$name"; then
        echo "$name is missing in the archive, and is not here"
    elif test -e "archive_status/$name.done"; then
        mv "archive_status/$name.done" "archive_status/$name.ready"
        echo "$name is archived from here"
    fi
done

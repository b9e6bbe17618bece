# Writes down a decision, which it reads, under the name `$2` in the directory `$1`, unless one stands there; prints the
# one that stands there then, whoever wrote it.
#
# A link is made at once or not at all, and never over another file: of two that write at the same moment one is first.
# What is printed is on the disk, and so is the way to it.
set -eu
umask 022
case $1 in /*) directory=$1 ;; *) directory=$HOME/$1 ;; esac
test -d "$directory" || mkdir -p -- "$directory"
cd -- "$directory"
new=$(mktemp "./.$2.XXXXXX")
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$new"
chmod 644 "$new"
# That it fails means that the disk does.
sync "$new"
ln "$new" "./$2" 2>/dev/null || test -e "./$2"
# A directory that may not be read can't be named to it.
sync . .. 2>/dev/null || sync
cat "./$2"
echo

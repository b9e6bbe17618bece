# What of a data directory the control file doesn't tell: a line of words, then the history file `$2` if it is there.
#
# Not one of a run: only the data directory is `$1`.
cd "$1" || exit 1
words=
test ! -e backup_label || words="$words copy"
test ! -e standby.signal || words="$words standby"
if test -e pgdr.fence; then
    was=
    read -r was <pgdr.fence || :
    words="$words fenced-${was:-primary}"
fi
if test -f "pg_wal/$2"; then words="$words history"; fi
echo "$words"
if test -f "pg_wal/$2"; then cat "pg_wal/$2"; fi

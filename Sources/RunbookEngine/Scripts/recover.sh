# Recovers a crashed server in single-user mode, as pg_rewind does; the words from `$3` on are the server's program.
#
# That mode does without `standby.signal`, which is back as soon as it has ended.
set -eu
cd "$1"
test -f PG_VERSION
shift 2
trap ': >standby.signal' EXIT
trap 'exit 143' HUP INT TERM
rm -f standby.signal recovery.signal
"$@" </dev/null >/dev/null

# Recovers a crashed server in single-user mode, as pg_rewind does; the words from `$3` on are the server's program.
#
# That mode does without `standby.signal`, which is back as soon as it has ended.
set -eu
cd "$1"
test -f PG_VERSION
shift 2
# A killed postmaster keeps its number until it is reaped, and as long as it has it no other one starts.
for turn in 1 2 3 4 5 6 7 8 9 10; do
    if ! read -r pid <postmaster.pid || ! kill -0 "$pid"; then break; fi
    sleep 1
done 2>/dev/null
trap ': >standby.signal' EXIT
trap 'exit 143' HUP INT TERM
rm -f standby.signal recovery.signal
"$@" </dev/null >/dev/null

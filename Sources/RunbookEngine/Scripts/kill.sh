# Ends the server's processes at once, where it doesn't stop when told to.
#
# Without its first process the others would go on for a while; the pid file tells which one that is, and its
# current directory that the number isn't somebody else's by now.
set -eu
read -r pid <"$1/postmaster.pid"
pid=${pid#-}
test "/proc/$pid/cwd" -ef "$1"
for process in $(ps -o pid= --ppid "$pid") "$pid"; do kill -KILL "$process" 2>/dev/null || :; done

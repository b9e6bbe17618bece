# Holds the lock of the cluster `$2` in the directory `$1` for as long as it runs; the first word it prints tells whether
# it has it.
#
# It goes on to print: a connection over which nothing is sent can stand for hours after the other end is gone without a
# word, and the lock with it. What it starts doesn't have the lock.
set -eu
case $1 in /*) directory=$1 ;; *) directory=$HOME/$1 ;; esac
command -v flock >/dev/null || { echo "there is no program flock" >&2; exit 1; }
mkdir -p -- "$directory"
exec 9>>"$directory/$2.lock"
flock -n 9 || {
    code=$?
    test "$code" -eq 1 || exit "$code"
    echo taken
    exit
}
echo held
while sleep 5 9>&-; do echo held; done

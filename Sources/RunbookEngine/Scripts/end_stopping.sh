# Ends a server at once that is on its way down and doesn't get there.
set -eu
{
    read -r pid
    for line in 2 3 4 5 6 7; do read -r _; done
    read -r word
} <"$1/postmaster.pid"
case $word in stopping*) ;; *) echo "it runs and is not stopping" >&2; exit 1 ;; esac
test "/proc/$pid/cwd" -ef "$1"
kill -QUIT "$pid"

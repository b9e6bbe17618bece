# Prints "apart" where a server that was started apart takes connections, and listens at no address.
pid= sockets= address= word=
{
    read -r pid
    for line in 2 3 4; do read -r _; done
    read -r sockets
    read -r address
    read -r _
    read -r word
} 2>/dev/null <"$1/postmaster.pid" || test -n "$word" || exit
test "/proc/$pid/cwd" -ef "$1" && test "$sockets" = "/tmp/$2" && test -z "$address" && test "$word" = ready &&
    echo apart

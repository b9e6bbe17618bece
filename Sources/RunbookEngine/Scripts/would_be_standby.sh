# Prints "standby" where the server would come back as one once nothing fences it, else "primary".
cd "$1" && test -f PG_VERSION || exit 1
was=primary
if test -e pgdr.fence; then
    read -r was <pgdr.fence || was=standby
elif test -e standby.signal; then
    was=standby
fi
echo "$was"

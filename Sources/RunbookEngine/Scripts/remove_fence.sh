# Takes a fence back: the server can start as what it was. Where the fence doesn't tell, it stays a standby.
set -eu
cd "$1"
test -f PG_VERSION
if test -e pgdr.fence; then
    was=
    read -r was <pgdr.fence || :
    if test "$was" = primary; then rm -f standby.signal; fi
    rm -f pgdr.fence
fi

# Takes a fence back: the server can start as what it was.
set -eu
cd "$1"
test -f PG_VERSION
if test -e pgdr.fence; then
    read -r was <pgdr.fence
    if test "$was" = primary; then rm -f standby.signal; fi
    rm -f pgdr.fence
fi

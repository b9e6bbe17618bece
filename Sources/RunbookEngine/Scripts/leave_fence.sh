# Makes sure that whatever starts the server can't start it as a primary; the fence's own file remembers whether
# it was a standby anyway.
set -eu
cd "$1"
test -f PG_VERSION
if test ! -e pgdr.fence; then
    if test -e standby.signal; then echo standby >pgdr.fence; else echo primary >pgdr.fence; fi
fi
: >standby.signal

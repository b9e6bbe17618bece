# Makes sure that whatever starts the server can't start it as a primary; the fence's own file remembers whether
# it was a standby anyway, and the restart policy `$3` of its container, if it has one.
#
# A disk that is full takes a mark without content all the same: then it counts as having been a primary.
set -eu
cd "$1"
test -f PG_VERSION
if test ! -e pgdr.fence; then
    if test -e standby.signal; then was=standby; else was=primary; fi
    : >standby.signal
    printf '%s\n%s\n' "$was" "$3" >pgdr.fence.new || :
    mv -f pgdr.fence.new pgdr.fence
fi
: >standby.signal

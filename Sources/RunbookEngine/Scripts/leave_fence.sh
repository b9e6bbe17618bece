# Makes sure that whatever starts the server can't start it as a primary; the fence's own file remembers whether
# it was a standby anyway, and the restart policy `$3` of its container, if it has one.
#
# A disk that is full takes a mark without content all the same: to be safe it then counts as a primary for what it may
# have written, and as a standby for how it comes back.
set -eu
cd "$1"
test -f PG_VERSION
if test ! -e pgdr.fence; then
    if test -e standby.signal; then was=standby; else was=primary; fi
    # First, since it would count as a standby that was cut off after the other mark.
    printf '%s\n%s\n' "$was" "$3" >pgdr.fence.new || :
    mv -f pgdr.fence.new pgdr.fence
fi
: >standby.signal

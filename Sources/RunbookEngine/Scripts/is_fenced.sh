# Prints "fenced" where the fence is there.
cd "$1" && test -e standby.signal && test -e pgdr.fence && echo fenced

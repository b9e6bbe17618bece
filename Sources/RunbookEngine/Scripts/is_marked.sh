# Prints "marked" where the mark of this run is there.
cd "$1" && test -e standby.signal && test -e "postgresql.auto.conf.$2" && echo marked

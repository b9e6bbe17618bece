# Takes a standby's mark back: the node's settings are as before the run, and `standby.signal` is gone.
set -eu
cd "$1"
test -f PG_VERSION
rm -f standby.signal "postgresql.auto.conf.$2.new" "postgresql.auto.conf.$2.tmp"
if test -e "postgresql.auto.conf.$2" || test -h "postgresql.auto.conf.$2"; then
    mv -f "postgresql.auto.conf.$2" postgresql.auto.conf
fi

# Removes what was kept for taking a standby's mark back.
set -eu
cd "$1"
test -f PG_VERSION
rm -f "postgresql.auto.conf.$2" "postgresql.auto.conf.$2.new" "postgresql.auto.conf.$2.tmp"

# Allows the recovery of a crashed server, where that can't be left to the script that runs pg_rewind.
test -f "$1/PG_VERSION" && rm -f "$1/standby.signal" "$1/recovery.signal"

# Removes the WAL that was kept, where nothing was thrown away after all.
rm -rf "$1.$2-wal"

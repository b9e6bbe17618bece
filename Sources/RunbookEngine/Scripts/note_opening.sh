# Notes on the disk that the server that is started apart on the data directory is about to be promoted.
set -eu
: >"$1.$2-opened"
sync "$1.$2-opened" 2>/dev/null || sync

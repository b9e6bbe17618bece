# Removes the fresh directory, and those of its tablespaces from `$3` on.
fresh="$1.$2-new" suffix=$2
if test -e "$1/pgdr.$2"; then
    echo "the copy is in use in $1" >&2
    exit 1
fi
shift 2
end_copies pg_basebackup "$fresh"
set -e
remove "$fresh"
for space in "$@"; do case $space in *."$suffix") remove "$space" ;; esac; done

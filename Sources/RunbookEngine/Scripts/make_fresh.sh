# Makes an empty directory beside the data directory; what an attempt before left in it goes, as well as in the
# tablespaces from `$3` on.
fresh="$1.$2-new" suffix=$2
shift 2
end_copies pg_basebackup "$fresh"
set -e
remove "$fresh"
for space in "$@"; do case $space in *."$suffix") remove "$space" ;; esac; done
mkdir -m 700 "$fresh"

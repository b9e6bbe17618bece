# Takes back what forbid_start.sh did. Done already: nothing changes.
#
# Words: the directory of the cluster's configuration.
set -e
file=$1/start.conf
if [ -s "$file.pgdr" ]; then
    mv -- "$file.pgdr" "$file"
elif [ -e "$file.pgdr" ]; then
    # There was none.
    rm -f -- "$file"
    rm -f -- "$file.pgdr"
fi

# Prints the decision that stands under the name `$2` in the directory `$1`, and a line break; nothing where there is
# none.
set -eu
case $1 in /*) directory=$1 ;; *) directory=$HOME/$1 ;; esac
if test ! -d "$directory"; then exit; fi
cd -- "$directory"
if test ! -e "./$2"; then exit; fi
cat "./$2"
echo

# Puts the fresh directory in the place of the old one, which is set aside.
#
# The fresh one holds a file named after the run, by which a second attempt knows it in its new place.
set -eu
fresh="$1.$2-new" aside="$1.$2-old"
if test -e "$1/pgdr.$2"; then exit 0; fi
test -f "$fresh/PG_VERSION"
test -e "$fresh/pgdr.$2"
if test -e "$1"; then
    test ! -e "$aside"
    mv "$1" "$aside"
fi
mv "$fresh" "$1"

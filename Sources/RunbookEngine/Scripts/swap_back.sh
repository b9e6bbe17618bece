# Puts the old directory back; the copy is where it was made, and still there to be removed.
set -eu
fresh="$1.$2-new" aside="$1.$2-old"
if test -e "$1/pgdr.$2"; then
    if test ! -e "$1/standby.signal"; then
        echo "$1 is no standby any more: the copy was promoted, and is left alone" >&2
        exit 1
    fi
    test -e "$aside/PG_VERSION"
    mv "$1" "$fresh"
fi
if test -e "$aside" && test ! -e "$1"; then mv "$aside" "$1"; fi

# Removes what was set aside, once what took its place works; of its tablespaces only what its major version has
# there, since servers of several may share their directories.
set -eu
aside="$1.$2-old"
test -e "$1/PG_VERSION"
if test -e "$aside"; then
    # Of the copy, since what is removed may be half gone.
    version=$(cat "$1/PG_VERSION")
    test -n "$version"
    for link in "$aside"/pg_tblspc/*; do
        if test -h "$link"; then
            target=$(readlink "$link")
            remove "$target/PG_${version}_"*
            case $target in *.pgdr-*) rmdir "$target" || : ;; esac
        fi
    done
    remove "$aside"
fi
rm -f "$1/pgdr.$2"

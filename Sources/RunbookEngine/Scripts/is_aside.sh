# Prints "aside" where the old directory is set aside and nothing has taken its place.
test ! -e "$1" && test -e "$1.$2-old/PG_VERSION" && echo aside

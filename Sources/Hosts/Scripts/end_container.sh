# Removes a container, if it is there.
#
# Words: the runtime, its name.
"$1" container inspect "$2" >/dev/null 2>&1 || exit 0
exec "$1" rm --force --volumes "$2" >/dev/null

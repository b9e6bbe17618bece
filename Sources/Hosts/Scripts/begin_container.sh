# Makes a container and starts it, or starts the one there is.
#
# Words: the runtime, its name, and what it is made from.
set -e
runtime=$1 name=$2
shift 2
case $("$runtime" container inspect --format '{{.State.Status}}' "$name" 2>/dev/null || :) in
running) ;;
'') "$runtime" run --detach --name "$name" "$@" >/dev/null ;;
*) "$runtime" start "$name" >/dev/null ;;
esac

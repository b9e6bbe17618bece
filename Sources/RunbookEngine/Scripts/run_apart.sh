# Runs the words from `$3` on, which work on the server that was started apart, and prints the end of what they print.
set -eu
output="/tmp/$2/output"
shift 2
"$@" >"$output"
lines=$(wc -l <"$output")
if test "$lines" -gt 20; then echo "… $((lines - 20)) lines, and then:"; fi
tail -n 20 "$output" | cut -c 1-300

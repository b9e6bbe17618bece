# Ends programs of a name that have a word in their command line: those of an earlier attempt live on when the
# link to them broke in a way that their host didn't notice, and two of them must not write to one place.
#
# The word is looked for in such a way that no process of this script has it in its own command line.
end_copies() {
    while :; do
        living=
        for file in $(printf '%s\n' "$2" | grep -lsF -f - /proc/[0-9]*/cmdline); do
            words=$(tr '\000' '\n' <"$file" 2>/dev/null) || continue
            printf '%s\n' "$words" | grep -qxF -e "$2" || continue
            first=$(printf '%s\n' "$words" | head -n 1)
            test "${first##*/}" = "$1" || continue
            process=${file#/proc/}
            living=yes
            kill -KILL "${process%/cmdline}" 2>/dev/null
        done
        test -n "$living" || break
        sleep 1
    done
}

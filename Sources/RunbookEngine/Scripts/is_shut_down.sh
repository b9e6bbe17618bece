# Prints "shut down" where the control file tells of a primary that was shut down in order; the words from `$3` on are
# pg_controldata.
shift 2
"$@" | grep -q '^Database cluster state: *shut down$' && echo "shut down"

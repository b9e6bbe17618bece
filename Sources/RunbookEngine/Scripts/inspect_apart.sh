# Looks at every database of the server that was started apart: its largest tables, `$3` of them, are counted. Where `$4`
# is a program, pg_amcheck, that looks at all tables and indexes first. `$5` is psql, and the words from there on what
# gives both their environment.
set -eu
place="/tmp/$2" tables=$3 amcheck=$4 psql=$5
shift 5
query() {
    PGDATABASE=$1
    export PGDATABASE
    shift
    "$@" "$psql" -X -w -q -A -t -v ON_ERROR_STOP=1 -v tables="$tables"
}
if test -n "$amcheck"; then
    available=$(echo "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'" |
        query template1 "$@")
    if ! command -v "$amcheck" >/dev/null; then
        echo "not checked by amcheck: there is no pg_amcheck"
    elif test "$available" = 0; then
        echo "not checked by amcheck: the server does not have that extension"
    else
        "$@" "$amcheck" --all --install-missing --no-password </dev/null >"$place/amcheck" 2>&1 || {
            code=$?
            tail -n 3 "$place/amcheck" >&2
            exit "$code"
        }
        echo "checked by amcheck: nothing found"
    fi
fi
echo 'SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1' | query template1 "$@" >"$place/names"
while IFS= read -r database; do
    query "$database" "$@" >"$place/counts" <<'SQL'
SELECT format('SELECT %L || count(*) FROM %I.%I', nspname || '.' || relname || ' ', nspname, relname)
FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'm') AND relpersistence = 'p' AND relispopulated
    AND nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY relpages DESC, nspname, relname LIMIT :tables \gexec
SQL
    counts=$(paste -s -d , "$place/counts")
    echo "$database: ${counts:-no tables}"
done <"$place/names"

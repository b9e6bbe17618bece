# Puts the old directory's own files (`$3`, separated by blanks) into the fresh one, with a standby's mark.
set -eu
fresh="$1.$2-new"
test -f "$fresh/PG_VERSION"
for file in $3; do
    if test -e "$1/$file" || test -h "$1/$file"; then
        rm -rf "$fresh/$file"
        cp -pPR "$1/$file" "$fresh/"
    fi
done
test -e "$fresh/postgresql.auto.conf" || : >"$fresh/postgresql.auto.conf"
rm -f "$fresh/postgresql.auto.conf.new"
cp -p "$fresh/postgresql.auto.conf" "$fresh/postgresql.auto.conf.new"
chmod u+w "$fresh/postgresql.auto.conf.new"
{ echo; cat; } >>"$fresh/postgresql.auto.conf.new"
test -w "$fresh/postgresql.auto.conf" || chmod u-w "$fresh/postgresql.auto.conf.new"
: >"$fresh/standby.signal"
mv -f "$fresh/postgresql.auto.conf.new" "$fresh/postgresql.auto.conf"
: >"$fresh/pgdr.$2"

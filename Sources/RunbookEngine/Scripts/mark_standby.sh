# Leaves a standby's mark: settings at the end of `postgresql.auto.conf` and `standby.signal`.
#
# The file is replaced in one step, from its state before the run, so that it can be done again and taken back. Its
# last line may have no end.
set -eu
cd "$1"
test -f PG_VERSION
auto=postgresql.auto.conf
if test ! -e "$auto.$2" && test ! -h "$auto.$2"; then
    cp -pP "$auto" "$auto.$2.tmp"
    mv -f "$auto.$2.tmp" "$auto.$2"
fi
rm -f "$auto.$2.new"
cp -p "$auto.$2" "$auto.$2.new"
chmod u+w "$auto.$2.new"
{ echo; cat; } >>"$auto.$2.new"
test -w "$auto.$2" || chmod u-w "$auto.$2.new"
: >standby.signal
mv -f "$auto.$2.new" "$auto"

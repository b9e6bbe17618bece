# Forbids Debian's programs, and so the unit and the boot too, to start a cluster; what start.conf said before is kept
# beside it. Done already: nothing changes.
#
# Words: the directory of the cluster's configuration.
set -e
file=$1/start.conf
if [ ! -e "$file.pgdr" ]; then
    if [ -e "$file" ]; then cp -p -- "$file" "$file.pgdr.new"; else : >"$file.pgdr.new"; fi
    mv -- "$file.pgdr.new" "$file.pgdr"
fi
printf '%s\n' '# Written by pgdr, which keeps what was here before in start.conf.pgdr.' disabled >"$file.new"
mv -- "$file.new" "$file"

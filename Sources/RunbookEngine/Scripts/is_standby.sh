# Prints "standby" where the server's data is a standby's; a promotion takes that mark away.
if test -e "$1/standby.signal"; then echo standby; else echo "no standby"; fi

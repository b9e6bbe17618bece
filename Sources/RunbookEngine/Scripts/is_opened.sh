# Prints "opened" where the server that was started apart was promoted, or was about to be; else "closed".
if test -e "$1.$2-opened"; then echo opened; else echo closed; fi

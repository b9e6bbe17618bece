# Removes what a server that was started apart needed besides its data.
rm -rf "$1.$2-opened" "/tmp/$2"

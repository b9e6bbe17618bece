# Removes what a server that was started apart needed besides its data.
rm -rf "$1.$2-opened" "$1.$2-options" "$1.$2-options.new" "/tmp/$2"

# Makes a fence an ordinary standby's mark.
rm -f "$1/pgdr.fence"

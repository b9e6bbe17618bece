# Tells how long a server's TLS certificate is good: "off", "good", "soon" for less than two weeks, "expired", each but
# the first with the date of its end, or "unknown" and why.
#
# Words: the server's program, its data directory, options that it was started with.
postgres=$1 data=$2
shift 2
LC_ALL=C
export LC_ALL
setting() { "$postgres" -C "$@" 2>&1; }
if ! ssl=$(setting ssl -D "$data" "$@"); then echo "unknown $ssl"; exit 0; fi
if [ "$ssl" != on ]; then echo off; exit 0; fi
file=$(setting ssl_cert_file -D "$data" "$@")
cd -- "$data" || exit
if ! end=$(openssl x509 -noout -enddate -in "$file" 2>&1); then echo "unknown $file: $end"; exit 0; fi
end=${end#*=}
if ! openssl x509 -noout -checkend 0 -in "$file" >/dev/null; then echo "expired $end"
elif ! openssl x509 -noout -checkend 1209600 -in "$file" >/dev/null; then echo "soon $end"
else echo "good $end"; fi

# emit.sh COUNT: prints COUNT lines of format combined, one of 20,000 bytes, one of 66,000 and a last one.
line() {
  printf '192.0.2.%d - - [%s] "GET %s HTTP/1.1" %d 512 "-" "curl/7.88.1"\n' \
    "$1" "$(date -u '+%d/%b/%Y:%H:%M:%S +0000')" "$2" "$3"
}
for i in $(seq "$1"); do line $((i % 250)) "/item/$i" 200; done
[ -t 1 ] || echo '2026/11/24 12:00:00 [error] 1#1: an error that is no request' >&2
line 251 "/long/$(head -c 20000 /dev/zero | tr '\0' a)" 404
line 252 "/longer/$(head -c 66000 /dev/zero | tr '\0' b)" 414
line 253 /last 500

#!/bin/bash
# A real fax over the embedded parts, shown live. Exits 0 only if it was delivered and every page arrived as it was sent.
# Usage: demo.sh FAXLOCK
set -euo pipefail

faxlock=$1
number=+15551230100
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
out=$here/demo-out
server=

finish() {
    status=$?
    if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    if [ $status -ne 0 ]; then
        echo; echo "The demo FAILED (status $status). The server's log:"; cat "$work/server.log" 2>/dev/null || true
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }

say "A gateway on embedded parts: SQLite, a sealed local folder, the own SIP/T.38 line"
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
API_KEY=$key INBOUND_ENABLED=true FAX_HEADER="Faxlock Demo Clinic" FAX_LOCAL_STATION_ID="+15551230199" \
    "$faxlock" serve --port 0 --data "$work/data" >"$work/server.out" 2>"$work/server.log" &
server=$!
for _ in $(seq 100); do
    url=$(sed -n 's/.* listens on //p' "$work/server.out")
    [ -z "$url" ] || break
    kill -0 "$server" || exit 1
    sleep 0.1
done
cat "$work/server.out"
[ -n "$url" ]
export FAXLOCK_URL=$url FAXLOCK_API_KEY=$key

say "Samples/sample.pdf (3 pages) goes to $number, a number of the loopback exchange"
began=$(date +%s.%N)
"$faxlock" send "$number" "$here/Samples/sample.pdf" --wait
ended=$(date +%s.%N)
awk -v a="$began" -v b="$ended" 'BEGIN { printf "%.1f s from the request to the last confirmation\n", b - a }'

say "What was transmitted against what the far machine received"
rm -rf "$out"; mkdir -p "$out"; chmod 700 "$out"
fax=$("$faxlock" list --limit 1 | cut -d' ' -f1)
received=$("$faxlock" inbox --limit 1 | cut -d' ' -f1)
"$faxlock" pdf "$fax" --output "$out/transmitted.pdf" >/dev/null
"$faxlock" pdf "$received" --inbound --output "$out/received.pdf" >/dev/null
pages=3
for side in transmitted received; do
    mkdir "$work/$side"
    pdfimages -png "$out/$side.pdf" "$work/$side/page"
    [ "$(ls "$work/$side" | wc -l)" -eq "$pages" ] || { echo "$side.pdf does not have $pages pages"; exit 1; }
done
n=0
for page in "$work"/transmitted/*; do
    n=$((n + 1))
    cmp "$page" "$work/received/$(basename "$page")"
    echo "page $n: identical, pixel for pixel ($(pdfimages -list "$out/received.pdf" | awk -v n="$n" 'NR == n + 2 { print $4 " x " $5 }'))"
done

say "At rest"
kill -TERM "$server"; wait "$server"; server=
if grep -rlaE '%PDF|II\*|MM.\*' "$work/data" || grep -rlaF "${number#+}" "$work/data"; then
    echo "something is in the clear in the files above"; exit 1
fi
echo "no PDF, no TIFF and no number in the clear in $(find "$work/data" -type f | wc -l) files of the data folder"

say "Received: $out/received.pdf"

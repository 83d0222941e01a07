#!/bin/bash
# CPU of a T.38 call: Asterisk's and Faxlock's, each as the sender of the same document to the same other Asterisk.
# Usage: line-peers.sh FAXLOCK    BENCH_CALLS (30) at the same time, twice; some three minutes. Takes root (asterisk-peer.sh).
set -euo pipefail

faxlock=$1
calls=${BENCH_CALLS:-30}
python=${BENCH_PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)
peer=$here/../scripts/asterisk-peer.sh
network=127.$((192 + $$ % 60)).$((1 + $$ / 60 % 250))
caller=bench-caller-$$ callee=bench-callee-$$
hertz=$(getconf CLK_TCK)
work=$(mktemp -d -p "${BENCH_DIR:-/var/tmp}")
server=

finish() {
    if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    for name in $caller $callee; do
        "$peer" stop "$name" || true
        rm -rf "$("$peer" folder "$name")"
    done
    rm -rf "$work"
}

number() { printf '+155512301%02d' "$1"; }
# CPU of a process without its children, in ticks.
own() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
# CPU of the children of a process that have ended.
ended() { awk '{ sub(/.*\) /, ""); print $14 + $15 }' "/proc/$1/stat"; }
per_call() { awk -v ticks="$1" -v hertz="$hertz" -v calls="$calls" 'BEGIN { printf "%.4f", ticks / hertz / calls }'; }

# finished FOLDER DIRECTION FROM: waits until all calls since line FROM of its results are over; all must have succeeded.
finished() {
    local good
    for _ in $(seq 480); do
        if [ "$(tail -n +"$3" "$1/results" | grep -c "^$2 ")" -ge "$calls" ]; then break; fi
        sleep 0.5
    done
    good=$(tail -n +"$3" "$1/results" | grep -c "^$2 [^ ]* SUCCESS 2 [0-9]* T38 ") || true
    [ "$good" -eq "$calls" ] || { echo "only $good of $calls calls succeeded" >&2; exit 1; }
}

# start_server SETTINGS...: a server, and its address in $url.
start_server() {
    env API_KEY=benchmark-key FAXLOCK_LINES="$calls" "$@" "$faxlock" serve --port 0 --data "$work/$RANDOM" >"$work/out" 2>"$work/log" &
    server=$!
    until url=$(sed -n 's/.* listens on //p' "$work/out") && [ -n "$url" ]; do
        kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
        sleep 0.05
    done
    sleep 1
}

# submit_all TIME: all documents, to be sent then.
submit_all() {
    for index in $(seq 0 $((calls - 1))); do
        curl -sf -o "$work/answer" -H 'X-API-Key: benchmark-key' -F "to=$(number "$index")" -F "send_at=$1" -F "file=@$work/two.tif" \
            "$url/fax"
    done
}

# scheduled: how many documents are pages that wait for their time.
scheduled() { curl -sf -H 'X-API-Key: benchmark-key' "$url/fax?state=scheduled&limit=100" | grep -o '"pages":2' | wc -l; }

"$peer" setup
trap finish EXIT
"$python" "$here/../Tests/PeerTests/fax_pages.py" make "$work/two.tif" 2 "Benchmark"
printf 'callee address=%s.2\n' "$network" >"$work/caller"
printf 'caller address=%s.1\nfaxlock address=%s.3\n' "$network" "$network" >"$work/callee"
"$peer" start "$callee" address="$network.2" endpoints="$work/callee" >/dev/null
"$peer" start "$caller" address="$network.1" endpoints="$work/caller" >/dev/null
caller_folder=$("$peer" folder "$caller") callee_folder=$("$peer" folder "$callee")
for index in $(seq 0 $((calls - 1))); do ln "$work/two.tif" "$caller_folder/documents/$(number "$index").tif" 2>/dev/null ||
    cp "$work/two.tif" "$caller_folder/documents/$(number "$index").tif"; done
sleep 2

id=$(cat "$caller_folder/pid") began=$SECONDS before=$(own "$id")
for index in $(seq 0 $((calls - 1))); do
    "$peer" cli "$caller" "channel originate PJSIP/$(number "$index")@callee extension $(number "$index")@send" >/dev/null
done
finished "$caller_folder" sent 1
asterisk=$(per_call $(($(own "$id") - before)))
echo "Asterisk: $asterisk s CPU a call, $calls calls in $((SECONDS - began)) s"

cat >"$work/trunks.json" <<E
{"trunks": [{"name": "peer", "server": "sip:$network.2:5060", "bind": "$network.3:5060", "numbers": ["+15551230199"]}]}
E
start_server FAXLOCK_TRUNKS_FILE="$work/trunks.json"
lines=$(wc -l <"$callee_folder/results")
# Asterisk has its document as a fax's pages already: what is measured is the call.
submit_all "$(date -u -d "+25 seconds" +%Y-%m-%dT%H:%M:%SZ)"
for _ in $(seq 100); do
    if [ "$(scheduled)" -eq "$calls" ]; then break; fi
    sleep 0.2
done
[ "$(scheduled)" -eq "$calls" ] || { echo "the documents were not drawn before their time" >&2; exit 1; }
began=$SECONDS gateway=$(own "$server") workers=$(ended "$server")
finished "$callee_folder" received $((lines + 1))
sleep 2
awk -v gateway="$(per_call $(($(own "$server") - gateway)))" -v workers="$(per_call $(($(ended "$server") - workers)))" \
    -v theirs="$asterisk" -v time=$((SECONDS - began)) -v calls="$calls" 'BEGIN {
    printf "Faxlock:  %.4f s CPU a call (gateway %.4f, worker %.4f), %d calls in %d s\n", gateway + workers, gateway, workers, calls, time
    printf "Faxlock / Asterisk: %.2f\n", (gateway + workers) / theirs }'

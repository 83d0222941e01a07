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
server= watcher=

finish() {
    if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null || true; fi
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
per_call() { awk -v seconds="$1" -v calls="$calls" 'BEGIN { printf "%.4f", seconds / calls }'; }

# Notes the CPU of the server's children, in nanoseconds (ticks are too coarse for a process that needs a few), until it is killed.
watch_children() {
    while sleep 0.2; do
        for child in $(cat "/proc/$server/task/"*/children 2>/dev/null); do
            cat "/proc/$child/task/"*/schedstat 2>/dev/null |
                awk -v child="$child" -v name="$(cat "/proc/$child/comm" 2>/dev/null)" '{ sum += $1 } END { print name, child, sum }' || true
        done
    done >"$work/children"
}
# The seconds of all children of a name.
children() {
    awk -v name="$1" '$1 == name && $3 > most[$2] { most[$2] = $3 } END { for (id in most) sum += most[id]; print sum / 1e9 }' \
        "$work/children"
}

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

submit_all() {
    for index in $(seq 0 $((calls - 1))); do
        curl -sf -o "$work/answer" -H 'X-API-Key: benchmark-key' -F "to=$(number "$index")" -F "file=@$work/two.tif" "$url/fax"
    done
}

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
asterisk=$(per_call "$(awk -v ticks=$(($(own "$id") - before)) -v hertz="$hertz" 'BEGIN { print ticks / hertz }')")
echo "Asterisk: $asterisk s CPU a call, $calls calls in $((SECONDS - began)) s"

cat >"$work/trunks.json" <<E
{"trunks": [{"name": "peer", "server": "sip:$network.2:5060", "bind": "$network.3:5060", "numbers": ["+15551230199"]}]}
E
start_server FAXLOCK_TRUNKS_FILE="$work/trunks.json"
lines=$(wc -l <"$callee_folder/results")
watch_children &
watcher=$!
began=$SECONDS before=$(own "$server")
submit_all
finished "$callee_folder" received $((lines + 1))
sleep 2
ticks=$(($(own "$server") - before))
kill "$watcher" && watcher=
awk -v ticks="$ticks" -v hertz="$hertz" -v calls="$calls" -v workers="$(children faxlock-line)" -v pages="$(children faxlock-page)" \
    -v theirs="$asterisk" -v time=$((SECONDS - began)) 'BEGIN {
    gateway = ticks / hertz
    ours = (gateway + workers) / calls
    printf "Faxlock:  %.4f s CPU a call (gateway %.4f, worker %.4f; drawing the pages besides %.4f), %d calls in %d s\n",
        ours, gateway / calls, workers / calls, pages / calls, calls, time
    printf "Faxlock / Asterisk: %.2f\n", ours / theirs }'

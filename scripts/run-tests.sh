#!/bin/bash
# Runs a test command and watches over it: a run that says nothing for ten minutes hangs. Its threads' stacks are printed then, so that
# the log of a machine that nobody can look into says where, and the run fails.
set -uo pipefail
limit="${FAXLOCK_TEST_SILENCE:-600}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# Line by line: what stands in a buffer when a run is ended would be lost.
stdbuf -oL -eL "$@" > >(tee "$log") 2>&1 &
run=$!

descendants() {
    local child
    for child in $(pgrep -P "$1"); do
        echo "$child"
        descendants "$child"
    done
}

size=0
silent=0
while kill -0 "$run" 2>/dev/null; do
    sleep 1
    now="$(stat -c %s "$log")"
    if [ "$now" = "$size" ]; then silent=$((silent + 1)); else silent=0; fi
    size="$now"
    [ "$silent" -lt "$limit" ] && continue
    echo "The tests have said nothing for $limit seconds. Tests that began and did not end, at most 40:"
    grep -oE '^◇ Test .* started' "$log" | sed -E 's/^◇ (Test .*) started/\1/' | sort -u > "$log.begun"
    grep -oE '^[✔✘] Test .* (passed|failed) after' "$log" | sed -E 's/^[✔✘] (Test .*) (passed|failed) after/\1/; s/ with [0-9]+ test cases?$//' |
        sort -u > "$log.ended"
    comm -23 "$log.begun" "$log.ended" | grep -v '^Test case' | head -40
    rm -f "$log.begun" "$log.ended"
    processes="$run $(descendants "$run")"
    echo "Processes:"
    ps -o pid,ppid,stat,etime,args -p "$(echo $processes | tr ' ' ,)" | cut -c1-160
    if command -v gdb >/dev/null; then
        for process in $processes; do
            tr '\0' ' ' < "/proc/$process/cmdline" 2>/dev/null | grep -q 'xctest\|testing-helper' || continue
            gdb -p "$process" -batch -ex "thread apply all bt 30" 2>/dev/null | grep -E '^(Thread|#)' | cut -c1-220 | head -400
        done
    fi
    kill $processes 2>/dev/null
    wait "$run"
    exit 1
done
wait "$run"

#!/bin/bash
# Measures the gateway and its page worker on this machine, each figure beside a reference from the same run.
# Usage: run.sh FAXLOCK      Bounded: about a minute; it stops by itself. Only loopback addresses are used.
set -euo pipefail

faxlock=$1
here=$(cd "$(dirname "$0")" && pwd)
seconds=${BENCH_SECONDS:-10}
work=$(mktemp -d -p "${BENCH_DIR:-/var/tmp}")
server=

finish() {
    if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
memory() { awk -v field="$2:" '$1 == field { printf "%.0f MB", $2 / 1024 }' "/proc/$1/status"; }
value() { sed -n "s/.*RESULT.* $2=\([0-9.]*\).*/\1/p;s/.*RESULT $2=\([0-9.]*\).*/\1/p" "$1" | head -n 1; }

# load NAME ARGUMENTS...: wrk against the server; prints requests/s, CPU of the server per request, latencies.
load() {
    local name=$1; shift
    local before after hertz
    hertz=$(getconf CLK_TCK)
    before=$(ticks "$server")
    timeout $((seconds + 30)) wrk -t1 -c64 -d"${seconds}s" "$@" >"$work/load.txt"
    after=$(ticks "$server")
    if grep -q RESULT "$work/load.txt"; then
        awk -v name="$name" -v requests="$(value "$work/load.txt" requests)" -v time="$(value "$work/load.txt" seconds)" \
            -v p50="$(value "$work/load.txt" p50_ms)" -v p99="$(value "$work/load.txt" p99_ms)" \
            -v wrong="$(value "$work/load.txt" wrong)" -v errors="$(value "$work/load.txt" errors)" \
            -v cpu=$((after - before)) -v hertz="$hertz" 'BEGIN {
            printf "%-22s %8.0f requests/s   %6.0f us CPU a request   p50 %.1f ms   p99 %.1f ms   %d wrong, %d errors\n",
                name, requests / time, cpu / hertz / requests * 1e6, p50, p99, wrong, errors }'
    else
        printf '%-22s %8.0f requests/s\n' "$name" "$(awk '/Requests\/sec/ { print $2 }' "$work/load.txt")"
    fi
}

python3 "$here/text_pdf.py" 1 "$work/one.pdf"
python3 "$here/text_pdf.py" 800 "$work/800.pdf"
echo "machine: $(nproc) cores, $(uname -sr); documents: $(stat -c %s "$work/one.pdf") bytes (1 page), $(stat -c %s "$work/800.pdf") bytes (800 pages)"

export BENCH_KEY=benchmark-key BENCH_PDF=$work/one.pdf
began=$(date +%s%N)
API_KEY=$BENCH_KEY "$faxlock" serve --port 0 --data "$work/data" >"$work/out" 2>"$work/log" &
server=$!
until url=$(sed -n 's/.* listens on //p' "$work/out") && [ -n "$url" ]; do
    kill -0 "$server" || { cat "$work/log"; exit 1; }
    sleep 0.01
done
printf 'ready after            %8d ms\n' $((($(date +%s%N) - began) / 1000000))
sleep 2
printf 'idle memory            %11s\n' "$(memory "$server" VmRSS)"

load 'GET /health' "$url/health"
load 'POST /fax' -s "$here/post_fax.lua" "$url"
python3 "$here/durable_files.py" "$work/files" "$work/one.pdf" "$seconds"
BENCH_FAX=$(FAXLOCK_URL=$url FAXLOCK_API_KEY=$BENCH_KEY "$faxlock" list --limit 1 | cut -d' ' -f1)
export BENCH_FAX
# The submitted faxes are still being rendered in the background, as they are in real life.
load 'GET /fax/{id}' -s "$here/get_fax.lua" "$url"
printf 'memory after the load  %11s (peak %s)\n' "$(memory "$server" VmRSS)" "$(memory "$server" VmHWM)"
kill -TERM "$server"; wait "$server" || true; server=

# What the audit ledger costs an acceptance: the same load on a server without it. FAX_DISABLED leaves rendering out of both.
for ledger in false true; do
    API_KEY=$BENCH_KEY FAX_DISABLED=true AUDIT_LOG_ENABLED=$ledger "$faxlock" serve --port 0 --data "$work/data-$ledger" >"$work/out" 2>"$work/log" &
    server=$!
    until url=$(sed -n 's/.* listens on //p' "$work/out") && [ -n "$url" ]; do
        kill -0 "$server" || { cat "$work/log"; exit 1; }
        sleep 0.01
    done
    load "accept, ledger $ledger" -s "$here/post_fax.lua" "$url"
    kill -TERM "$server"; wait "$server" || true; server=
done

python=${BENCH_PYTHON:-python3}
if "$python" -c 'import cryptography' 2>/dev/null; then
    events=${BENCH_EVENTS:-1000000}
    key=$("$python" "$here/ledger_export.py" "$work/export" "$events")
    cat "$work"/export/tile/entries/* "$work"/export/tile/entries/*/* >/dev/null 2>&1 || true
    verify() {
        local began; began=$(date +%s%N)
        "$@" >"$work/verified" || { cat "$work/verified"; exit 1; }
        echo "$((($(date +%s%N) - began) / 1000000))"
    }
    ours=$(verify "$faxlock" audit verify "$work/export" --key "$key")
    theirs=$(verify "$python" "$here/../Tests/LedgerTests/verify_ledger.py" "$work/export" --key "$key")
    printf 'verify %s events  %8d ms   (independent verifier in Python %d ms)\n' "$events" "$ours" "$theirs"
else
    echo "verify events          skipped: $python has no module cryptography (BENCH_PYTHON names another)"
fi

python3 "$here/render.py" "$(dirname "$faxlock")/faxlock-page" "$work/800.pdf" 800

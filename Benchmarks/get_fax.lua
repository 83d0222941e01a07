-- GET /fax/{id}, for wrk. Environment: BENCH_FAX, BENCH_KEY.
wrk.path = "/fax/" .. os.getenv("BENCH_FAX")
wrk.headers["X-API-Key"] = os.getenv("BENCH_KEY")

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

refused = 0

function response(status)
    if status ~= 200 then refused = refused + 1 end
end

function done(summary, latency)
    local wrong = 0
    for _, thread in ipairs(threads) do wrong = wrong + thread:get("refused") end
    io.write(string.format("RESULT requests=%d seconds=%.3f p50_ms=%.2f p99_ms=%.2f wrong=%d errors=%d\n",
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, wrong,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end

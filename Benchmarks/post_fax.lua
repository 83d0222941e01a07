-- POST /fax with a one-page PDF, for wrk. Environment: BENCH_PDF, BENCH_KEY.
local file = assert(io.open(os.getenv("BENCH_PDF"), "rb"))
local document = file:read("*a")
file:close()

local boundary = "----faxlock-benchmark"
local body = "--" .. boundary .. "\r\n"
    .. 'Content-Disposition: form-data; name="to"\r\n\r\n+15551230100\r\n'
    .. "--" .. boundary .. "\r\n"
    .. 'Content-Disposition: form-data; name="file"; filename="document.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    .. document .. "\r\n--" .. boundary .. "--\r\n"

wrk.method = "POST"
wrk.path = "/fax"
wrk.headers["X-API-Key"] = os.getenv("BENCH_KEY")
wrk.headers["Content-Type"] = "multipart/form-data; boundary=" .. boundary
wrk.body = body

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

refused = 0

function response(status)
    if status ~= 202 then refused = refused + 1 end
end

function done(summary, latency)
    local wrong = 0
    for _, thread in ipairs(threads) do wrong = wrong + thread:get("refused") end
    io.write(string.format("RESULT requests=%d seconds=%.3f p50_ms=%.2f p99_ms=%.2f wrong=%d errors=%d\n",
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, wrong,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end

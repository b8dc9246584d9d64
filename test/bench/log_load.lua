-- wrk's script for the ways into the log: `-- LINES` lines a request, as JSON lines; 0: one line as plain text.
local levels = { "debug", "info", "info", "info", "info", "info", "info", "info", "warn", "error" }
local services = { "cart", "checkout", "payments", "search", "users", "mail", "gateway", "catalogue" }
local texts = {
    "request finished path=/api/v1/orders/%d status=200 bytes=%d",
    "cache miss for key user:%d after %d us",
    "upstream 10.0.3.%d answered slowly: %d ms, trying the next one",
    "order %d moved to state 3 by worker %d",
}

local function message() return string.format(texts[math.random(#texts)], math.random(255), math.random(99999)) end

local function record()
    return string.format(
        '{"time":"2026-11-20T10:%02d:%02d.%06dZ","level":"%s","service":"%s","trace":"%08x%08x%08x%08x",' ..
            '"message":"%s","host":"node-%02d","thread":%d}\n',
        math.random(0, 59), math.random(0, 59), math.random(0, 999999), levels[math.random(#levels)],
        services[math.random(#services)], math.random(0, 0x7fffffff), math.random(0, 0x7fffffff),
        math.random(0, 0x7fffffff), math.random(0, 0x7fffffff), message(), math.random(20), math.random(64))
end

local bodies = {}
local next_body = 0

function init(args)
    local lines = tonumber(args[1]) or 0
    math.randomseed(42)
    for i = 1, 64 do
        local body = {}
        for n = 1, lines do body[n] = record() end
        if lines == 0 then body[1] = "[GradingService] - " .. message() .. "\n" end
        local type = lines == 0 and "text/plain" or "application/x-ndjson"
        bodies[i] = wrk.format("POST", nil, { ["Content-Type"] = type }, table.concat(body))
    end
end

function request()
    next_body = next_body % #bodies + 1
    return bodies[next_body]
end

-- requests, microseconds, p99 in microseconds, what went wrong (answers of 400 and up included)
function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.timeout + e.status
    io.write(string.format("measured %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(99), failed))
end

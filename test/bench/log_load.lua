-- wrk's script for the ways into the log: one line as plain text a request.
local texts = {
    "request finished path=/api/v1/orders/%d status=200 bytes=%d",
    "cache miss for key user:%d after %d us",
    "upstream 10.0.3.%d answered slowly: %d ms, trying the next one",
    "order %d moved to state 3 by worker %d",
}

local function message() return string.format(texts[math.random(#texts)], math.random(255), math.random(99999)) end

local bodies = {}
local next_body = 0

function init()
    math.randomseed(42)
    local headers = { ["Content-Type"] = "text/plain" }
    for i = 1, 64 do bodies[i] = wrk.format("POST", nil, headers, "[GradingService] - " .. message() .. "\n") end
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

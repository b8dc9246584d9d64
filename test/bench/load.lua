-- wrk's script: sends N requests in one piece when called with `-- N`, and ends with a line that `run` reads.
function init(args)
    local depth = tonumber(args[1]) or 1
    if depth > 1 then
        local together = string.rep(wrk.format(), depth)
        request = function() return together end
    end
end

-- requests, microseconds, p99 in microseconds, what went wrong (answers of 400 and up included)
function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.timeout + e.status
    local p99 = latency:percentile(99)
    io.write(string.format("measured %d %d %d %d\n", summary.requests, summary.duration, p99, failed))
end

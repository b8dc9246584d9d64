-- wrk's script: sends N requests in one piece when called with `-- N`, and ends with one line that `run` reads.
function init(args)
    local depth = tonumber(args[1]) or 1
    if depth > 1 then
        local together = string.rep(wrk.format(), depth)
        request = function() return together end
    end
end

-- requests, microseconds, p99 in microseconds, what went wrong: connections, reads, writes, timeouts, answers of 400 and up
function done(summary, latency)
    local e = summary.errors
    io.write(string.format("measured %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(99),
        e.connect + e.read + e.write + e.timeout + e.status))
end

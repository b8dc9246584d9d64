-- wrk's script for the grade book: `-- post` adds grades to the five students by turns; ends with a line that
-- `grades` reads: requests, microseconds, the median in microseconds, what went wrong.
local adds = {}
local sent = 0

function init(args)
    if args[1] ~= "post" then return end
    local grade = '{"Title":"Essay","Type":"Homework","Score":87.5}'
    for id = 1, 5 do
        adds[id] = wrk.format("POST", "/students/" .. id .. "/grades", {["Content-Type"] = "application/json"}, grade)
    end
    request = function()
        sent = sent + 1
        return adds[sent % 5 + 1]
    end
end

function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.timeout + e.status
    io.write(string.format("measured %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), failed))
end

-- wrk's script: each request registers another instance, or with `-- KIND FROM` = `put FROM` puts another key
-- into etcd. Numbers go on from FROM.
local kind, from = "distd", 0

function init(args)
    kind = args[1] or kind
    from = tonumber(args[2]) or from
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(text)
    local out = {}
    for i = 1, #text, 3 do
        local a, b, c = text:byte(i, i + 2)
        local n = a * 65536 + (b or 0) * 256 + (c or 0)
        for j = 0, 3 do
            local index = math.floor(n / 64 ^ (3 - j)) % 64 + 1
            out[#out + 1] = (j == 2 and not b or j == 3 and not c) and "=" or alphabet:sub(index, index)
        end
    end
    return table.concat(out)
end

function request()
    from = from + 1
    local url = string.format("http://10.0.%d.%d:%d", from / 256 % 256, from % 256, 1024 + from / 65536)
    local body = string.format('{"ServiceName":"Service%d","ServiceURL":"%s","RequiredServices":[]}', from % 10000, url)
    if kind == "put" then
        body = string.format('{"key":"%s","value":"%s"}', base64(url), base64(body))
        return wrk.format(nil, "/v3/kv/put", nil, body)
    end
    return wrk.format(nil, "/services", nil, body)
end

-- as in load.lua
function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.timeout + e.status
    local p99 = latency:percentile(99)
    io.write(string.format("measured %d %d %d %d\n", summary.requests, summary.duration, p99, failed))
end

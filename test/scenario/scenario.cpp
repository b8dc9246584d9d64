#include "scenario/scenario.hpp"

#include <boost/json/serialize.hpp>
#include <chrono>

#include "http/message/url.hpp"
#include "support/foreign_json.hpp"

namespace distd::test {

strings pace(const in_process_world&) { return {"--registry-probe-timeout=10s"}; }
strings pace(const process_world&) { return {"--heartbeat-interval=200ms"}; }

strings with(strings flags, const strings& more) {
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

std::string listen_at(const std::string& role, const std::string& url) {
    return "--listen=" + role + "=127.0.0.1:" + std::to_string(port_of(url));
}

std::string registry_at(const std::string& url) { return "--registry=" + url; }

void soon(in_process_world& w, const std::string& what, const std::function<bool()>& holds) {
    const auto guard = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (std::chrono::steady_clock::now() < guard) {
        w.pump();
        if (holds()) return;
        w.loop.restart();
        w.loop.run_for(milliseconds(2));
    }
    w.until(what, holds);
}

void soon(process_world& w, const std::string& what, const std::function<bool()>& holds) {
    w.until(what, holds);
}

void crash(in_process_world& w, const std::string& name) { w.stop(name); }
void crash(process_world& w, const std::string& name) { w.kill(name); }

std::vector<listed_instance> listed(world& w, const std::string& registry, const std::string& name) {
    std::vector<listed_instance> out;
    const auto answer = w.http("GET", registry + "/services/" + http::percent_encode(name));
    for (const auto& one : foreign_list(foreign_parse("{\"all\":" + answer.body + "}"), "all"))
        out.push_back({foreign_text(one, "ServiceURL"), foreign_text(one, "Health")});
    return out;
}

strings log_lines(world& w, const std::string& log_url, const std::string& words) {
    strings out;
    const auto answer =
        w.http("GET", log_url + "/log?order=oldest&limit=10000&q=" + http::percent_encode(words));
    for (std::size_t at = 0; at < answer.body.size();) {
        const auto end = std::min(answer.body.find('\n', at), answer.body.size());
        out.push_back(answer.body.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

}  // namespace distd::test

// A log service in the test's own process, and what one says to it.
#pragma once

#include <string>
#include <vector>

#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace distd::test {

struct log_service {
    explicit log_service(std::vector<std::string> flags = {}) : flags_(std::move(flags)) {
        w.start("log", "log", flags_);
    }

    std::string url() const { return w.address("log", "log"); }
    http_answer post(const std::string& body, const std::string& type = "text/plain",
                     const std::string& headers = {}) {
        return exchange(
            "POST", url() + "/log", body, type, [this] { w.pump(); }, headers);
    }
    http_answer lines(const std::string& body) { return post(body, "application/x-ndjson"); }
    http_answer get(const std::string& query) { return w.http("GET", url() + "/log" + query); }
    // The messages found, in order, each behind a '|'.
    std::string messages(const std::string& query) {
        std::string all;
        const auto body = get(query).body;
        for (std::size_t at = 0; (at = body.find(R"("message":")", at)) != std::string::npos;) {
            at += 11;
            all += '|' + body.substr(at, body.find('"', at) - at);
        }
        return all;
    }
    void restart() {
        w.stop("log");
        w.start("log", "log", flags_);
    }
    raw_peer connect() {
        return raw_peer(port_of(url()), [this] { w.pump(); });
    }

    in_process_world w;

private:
    std::vector<std::string> flags_;
};

}  // namespace distd::test

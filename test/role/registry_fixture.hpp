// A registry in the test's own process, what one says to it, and readers that wait for it.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace distd::test {

inline std::string instance(const std::string& name, const std::string& url, const std::string& more = {}) {
    return R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + "\"" + more + "}";
}

struct registry_service {
    explicit registry_service(std::vector<std::string> flags = {}) {
        w.start("registry", "registry", std::move(flags));
    }

    std::string url() const { return w.address("registry", "registry"); }
    http_answer get(const std::string& path) { return w.http("GET", url() + path); }
    http_answer post(const std::string& body) { return w.http("POST", url() + "/services", body); }
    http_answer withdraw(const std::string& instance_url) {
        return w.http("DELETE", url() + "/services", instance_url, "text/plain");
    }
    std::string index(const std::string& path) { return get(path).header("X-Distd-Index"); }
    void restart() {
        w.stop("registry");
        w.start("registry", "registry");
    }
    raw_peer connect() {
        return raw_peer(port_of(url()), [this] { w.pump(); });
    }

    in_process_world w;
};

// One whose changes all succeed, and have reached every reader when the call returns.
struct watched_registry : registry_service {
    void post(const std::string& body) {
        CHECK(registry_service::post(body).status == 200);
        w.pump();
    }
    void withdraw(const std::string& instance_url) {
        CHECK(registry_service::withdraw(instance_url).status == 200);
        w.pump();
    }
    // The reader is parked once this returns.
    void park(raw_peer& peer, const std::string& target, const std::string& headers = {}) {
        peer.send(get_request(target, headers));
        w.pump();
    }
    void stream(raw_peer& peer, const std::string& target, const std::string& headers = {}) {
        park(peer, target, "Accept: text/event-stream\r\n" + headers);
    }
    std::string hear(raw_peer& peer, const std::string& what) {
        std::string heard;
        w.until("the stream says " + what, [&] {
            if (!peer.is_silent()) heard += peer.read_some();
            return heard.find(what) != std::string::npos;
        });
        return heard;
    }
};

}  // namespace distd::test

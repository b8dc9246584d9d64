// A portal that exposes a service `Shop`, whose instances are scripts, and raw clients of it: every byte of
// both sides is the test's.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "support/raw_peer.hpp"
#include "support/record_text.hpp"
#include "support/world.hpp"
#include "unit/http/client/raw_server.hpp"

namespace distd::test {

// What the first request of a case goes out on at each instance. On a kept connection most requests wait for
// their answer without a coroutine.
enum class way { new_connection, kept_connection };

// Runs the rest of the case both ways.
inline way both_ways() { return GENERATE(way::new_connection, way::kept_connection); }

using action = raw_server::action;

inline action silence() { return {}; }
inline action says(std::string text) { return {std::move(text)}; }
inline action says_and_closes(std::string text) { return {std::move(text), true}; }

inline constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
inline action says_ok(int, const std::string&) { return says(ok); }

inline const std::string post_request =
    "POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";

struct gateway_fixture {
    explicit gateway_fixture(std::vector<std::string> flags = {},
                             std::vector<std::string> registry_flags = {}) {
        w.start("registry", "registry", std::move(registry_flags));
        registry = w.address("registry", "registry");
        flags.push_back("--registry=" + registry);
        w.start("portal", "portal", flags);
        portal = w.address("portal", "portal");
        w.log("portal").tap("Portald", [this](log_level, std::string_view line) {
            const auto text = record_text(line);
            if (holds(text, " path=/api/")) records.push_back(text);
        });
        w.until("the portal is registered",
                [&] { return w.http("GET", registry + "/services/Portald").body.size() > 2; });
    }
    explicit gateway_fixture(way to_instances, std::vector<std::string> flags = {})
        : gateway_fixture(std::move(flags)) {
        warms_up = to_instances == way::kept_connection;
    }

    raw_server& instance(const raw_server::script& script,
                         const std::string& more = R"("Tags":["gateway"])") {
        instances.push_back(std::make_unique<raw_server>(w.loop, around(script)));
        auto& i = *instances.back();
        const auto taken = w.http("POST", registry + "/services",
                                  R"({"ServiceName":"Shop","ServiceURL":")" + base(i) + R"(",)" + more + "}");
        REQUIRE(taken.status == 200);
        w.until("the gateway knows it", [&] { return holds(status(), base(i)); });
        if (warms_up) warm_up(i);
        return i;
    }
    static std::string base(const raw_server& i) { return "http://127.0.0.1:" + std::to_string(i.port()); }

    static bool holds(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    std::string status() { return w.http("GET", portal + "/gateway/status").body; }
    // The value of a metric, with its labels as they are shown.
    std::string metric(const std::string& name) {
        const auto text = "\n" + w.http("GET", portal + "/metrics").body;
        const auto at = text.find("\n" + name + " ");
        if (at == std::string::npos) return "no metric " + name;
        const auto begin = at + name.size() + 2;
        return text.substr(begin, text.find('\n', begin) - begin);
    }
    raw_peer connect() {
        return raw_peer(port_of(portal), [this] { w.pump(); });
    }
    std::string exchange(const std::string& bytes) {
        auto peer = connect();
        peer.send(bytes);
        peer.finish_sending();
        return peer.read_until_close();
    }
    std::string get(const std::string& path = "/api/Shop/x", const std::string& fields = {}) {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields +
                        "\r\n");
    }

    std::vector<std::string> records;  // of the requests that were passed on, as they end
    in_process_world w;
    std::string registry;
    std::string portal;
    std::vector<std::unique_ptr<raw_server>> instances;
    bool warms_up = false;

private:
    // The script sees nothing of what warms a connection up.
    raw_server::script around(raw_server::script script) {
        return [this, script = std::move(script)](int connection, const std::string& request) {
            if (request.starts_with("GET /warm-up ")) return says(ok);
            // Later ones may be tries after a kept connection failed.
            if (std::exchange(is_first_, false) && warms_up) CHECK(connection == 0);
            return script(connection, request);
        };
    }
    void warm_up(raw_server& i) {
        // A newcomer among others is in its slow start, with a tenth of its share: chance has to find it.
        for (int n = 0; i.requests().empty() && n < 1000; ++n) static_cast<void>(get("/api/Shop/warm-up"));
        REQUIRE(i.connections() == 1);
        i.forget_requests();
        records.clear();
    }

    bool is_first_ = true;  // of the requests that a script sees
};

}  // namespace distd::test

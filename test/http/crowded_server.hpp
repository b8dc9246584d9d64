// A server that has little room, and clients of several addresses that stay. Bodies of up to 16 MiB go to
// /kept; /parked is answered by the test and /slow never; /a is ready. Starts when the test says so.
#pragma once

#include <list>
#include <string>
#include <utility>

#include "support/server_fixture.hpp"

namespace distd::test {

inline constexpr std::size_t mebibyte = 1 << 20;

struct crowded_server : server_fixture {
    crowded_server() {
        http::route_options large;
        large.body_limit = 16 * mebibyte;
        post(
            "/kept",
            [](http::request q) { return http::response::text(200, std::to_string(q.body().size())); },
            large);
        get("/a", [](http::request) { return http::response(200); });
        get("/parked", [this](http::request) {
            return http::deferred(http::buffers::release, [this](http::request, http::pending_answer a) {
                const auto place = parked.insert(parked.end(), std::move(a));
                place->on_gone([this, place] { parked.erase(place); });
            });
        });
        http::route_options waits;
        waits.waits_long = true;
        get(
            "/slow", [this](http::request) { return wait_for_ever(); }, waits);
    }
    ~crowded_server() {
        while (!parked.empty()) parked.pop_front();
    }

    raw_peer& from(const std::string& source, int kept_unread = 0) {
        return peers.emplace_back(
            port(), [this] { pump(); }, source, kept_unread);
    }
    std::string ask(const std::string& source, const std::string& path = "/a") {
        auto& peer = from(source);
        peer.send(get_request(path, "Connection: close\r\n"));
        return peer.read_until_close();
    }
    static std::string head_of(std::size_t size) {
        return "POST /kept HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    }

    // Counts handlers that have not ended.
    struct at_work {
        explicit at_work(int& n) : count(n) { ++count; }
        ~at_work() { --count; }
        int& count;
    };
    task<http::response> wait_for_ever() {
        const at_work here(working);
        alarm_clock never(loop.get_executor(), time);
        co_await never.wait();
        co_return http::response(200);
    }

    int working = 0;
    std::list<http::pending_answer> parked;
    std::list<raw_peer> peers;
};

}  // namespace distd::test

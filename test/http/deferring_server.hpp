// A server that defers its responses until the test gives them: /later/{what} without the buffers of the
// request, watched for clients that leave, and /soon/{what} with them; /now is ready. Starts when the test
// says so.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/server_fixture.hpp"

namespace distd::test {

struct waiting_request {
    std::string id;
    std::string shown;  // what the request showed to whoever is to answer it
    http::pending_answer answer;
};

struct deferring_server : server_fixture {
    deferring_server() {
        const auto later = [this](http::request) {
            return http::deferred(http::buffers::release, [this](http::request q, http::pending_answer a) {
                auto shown = q.param("what") + "|" + q.query("x").value_or("") + "|" +
                             std::string(q.header("X-Tag")) + "|" + std::string(q.body());
                waiting.push_back({std::string(q.id()), std::move(shown), std::move(a)});
            });
        };
        get("/later/{what}", later);
        post("/later/{what}", later);
        post("/soon/{what}", [this](http::request) {
            return http::deferred(http::buffers::keep, [this](http::request q, http::pending_answer a) {
                auto shown = q.param("what") + "|" + std::string(q.body());
                waiting.push_back({std::string(q.id()), std::move(shown), std::move(a)});
            });
        });
        get("/now", [](http::request) { return http::response::text(200, "now"); });
    }
    ~deferring_server() { waiting.clear(); }

    void answer(std::size_t i, http::response r) {
        waiting.at(i).answer.give(std::move(r));
        pump();
    }

    std::vector<waiting_request> waiting;
};

}  // namespace distd::test

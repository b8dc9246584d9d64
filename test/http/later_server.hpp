// A server on which requests wait until the test answers them: /later/{what}, watched for clients that leave,
// and /soon/{what}, which is not; /now is answered at once. Starts when the test says so.
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

struct later_server : server_fixture {
    later_server() {
        const auto park = [this](http::request) {
            return http::response::later([this](http::request q, http::pending_answer a) {
                auto shown = q.param("what") + "|" + q.query("x").value_or("") + "|" +
                             std::string(q.header("X-Tag")) + "|" + std::string(q.body());
                waiting.push_back({std::string(q.id()), std::move(shown), std::move(a)});
            });
        };
        get("/later/{what}", park);
        post("/later/{what}", park);
        post("/soon/{what}", [this](http::request) {
            return http::response::soon([this](http::request q, http::pending_answer a) {
                auto shown = q.param("what") + "|" + std::string(q.body());
                waiting.push_back({std::string(q.id()), std::move(shown), std::move(a)});
            });
        });
        get("/now", [](http::request) { return http::response::text(200, "now"); });
    }
    ~later_server() { waiting.clear(); }

    void answer(std::size_t i, http::response r) {
        waiting.at(i).answer.give(std::move(r));
        pump();
    }

    std::vector<waiting_request> waiting;
};

}  // namespace distd::test

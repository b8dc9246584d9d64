// When a request is sent again by itself: only where nothing can have been done twice, and once.
#include <catch2/catch.hpp>

#include "unit/http/client/client_fixture.hpp"

using namespace distd;
using namespace distd::http;
using namespace distd::test;
using action = raw_server::action;

TEST_CASE_METHOD(client_fixture, "a GET on a kept connection that broke unanswered is sent once more") {
    const bool reset = GENERATE(false, true);
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 2 ? action{"", true, reset} : action{ok};
    });
    REQUIRE(get(server.url()));
    REQUIRE(get(server.url()));
    CHECK(server.connections() == 2);
    CHECK(server.requests().size() == 3);
}

TEST_CASE_METHOD(client_fixture, "a GET is sent twice at most, and only once over a fresh connection") {
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 1 ? action{ok} : action{"", true};
    });
    REQUIRE(get(server.url()));
    CHECK(error_of(call("GET", server.url())) == errc::connection_lost);
    CHECK(server.requests().size() == 3);
    CHECK(error_of(call("GET", server.url())) == errc::connection_lost);
    CHECK(server.requests().size() == 4);
}

TEST_CASE_METHOD(client_fixture,
                 "a POST whose bytes went out is not sent again, unless its caller said it may") {
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 2 ? action{"", true} : action{ok};
    });
    REQUIRE(get(server.url()));
    auto c = post(server.url());
    c.safe_to_repeat = GENERATE(false, true);
    const bool repeats = c.safe_to_repeat;
    const auto answer = ask(std::move(c));
    CHECK(answer.has_value() == repeats);
    if (!repeats) CHECK(answer.error() == make_error_code(errc::connection_lost));
    CHECK(server.requests().size() == (repeats ? 3 : 2));
}

TEST_CASE_METHOD(client_fixture, "a request is not repeated once an answer has begun") {
    int asked = 0;
    raw_server server(loop, [&](int, const std::string&) {
        return ++asked == 2 ? action{"HTTP/1.1 2", true} : action{ok};
    });
    REQUIRE(get(server.url()));
    CHECK(error_of(call("GET", server.url())) == errc::connection_lost);
    CHECK(server.requests().size() == 2);
}

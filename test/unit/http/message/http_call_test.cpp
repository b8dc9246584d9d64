#include <catch2/catch.hpp>

#include "http/server/exchange.hpp"

using namespace distd;
using namespace distd::http;

TEST_CASE("a call carries the trace and the request id of its cause, under a span of its own") {
    exchange x;
    x.identify();
    const request cause(x);
    const auto first = call("GET", "http://localhost/").caused_by(cause);
    const auto second = call("GET", "http://localhost/").caused_by(cause);
    const std::string parent(first.headers.find("traceparent"));
    const auto trace = cause.trace();
    REQUIRE(parent.size() == 55);
    CHECK(parent.substr(0, 36) == "00-" + trace.trace_id + "-");
    CHECK(parent.substr(36, 16) != trace.span_id);
    CHECK(parent.substr(52) == "-01");
    CHECK(second.headers.find("traceparent") != parent);
    CHECK(first.headers.find("X-Request-Id") == cause.id());
}

TEST_CASE("a trace that is not sampled stays so, and a second cause replaces the first") {
    exchange first;
    exchange second;
    first.identify();
    second.identify();
    second.sampled = false;
    const auto c = call("GET", "http://localhost/").caused_by(request(first)).caused_by(request(second));
    CHECK(c.headers.find("traceparent").ends_with("-00"));
    CHECK(c.headers.find("X-Request-Id") == second.request_id());
    CHECK(std::distance(c.headers.begin(), c.headers.end()) == 2);
}

TEST_CASE("a call is built in one expression") {
    const auto c = call("POST", "http://localhost/log").with_body("hello", "text/plain").within(seconds(1));
    CHECK(c.body == "hello");
    CHECK(c.content_type == "text/plain");
    CHECK(c.deadline == seconds(1));
}

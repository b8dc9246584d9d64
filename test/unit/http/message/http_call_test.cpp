#include <catch2/catch.hpp>

#include "http/server/exchange.hpp"

using namespace distd;
using namespace distd::http;

TEST_CASE("a call carries the trace, the span and the request id of its cause") {
    exchange x;
    x.identify();
    const request cause(x);
    const auto c = call("GET", "http://localhost/").caused_by(cause);
    const auto trace = cause.trace();
    CHECK(c.headers.find("traceparent") == "00-" + trace.trace_id + "-" + trace.span_id + "-01");
    CHECK(c.headers.find("X-Request-Id") == cause.id());
}

TEST_CASE("a request below another one has a span of its own, and knows its parent") {
    exchange x;
    x.head.fields = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
    x.identify();
    CHECK(x.trace() == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(x.parent() == "00f067aa0ba902b7");
    CHECK(x.span() != x.parent());
    CHECK(x.span().find_first_not_of("0123456789abcdef") == std::string_view::npos);
    x.head.fields = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"}};
    x.identify();
    CHECK(x.trace() != "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(x.parent().empty());
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

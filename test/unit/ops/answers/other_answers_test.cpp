// The answers of the log service and of the gateways as facts.
#include <catch2/catch.hpp>

#include "ops/answers/gateway_answers.hpp"
#include "ops/answers/log_answers.hpp"
#include "ops/answers/reason_words.hpp"
#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;

TEST_CASE("lines of the log are read with their fields, and what is no line is passed over") {
    const auto lines =
        read_log_lines(R"({"seq":7,"time":"2026-11-21T12:00:00.000000Z","level":"error","service":"cart",)"
                       R"("message":"charge\nfailed","order":4711,"trace":"9f"})"
                       "\n{\"_incomplete\":{\"reason\":\"time\"}}\nno line\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].seq == 7);
    CHECK(lines[0].at == noon);
    CHECK(lines[0].message == "charge failed");
    CHECK(lines[0].fields == "order=4711 trace=9f");
    CHECK(lines[0].trace == "9f");
}

TEST_CASE("the record of a request is worded by what it was") {
    const auto lines = read_log_lines(
        R"({"seq":8,"time":"2026-11-21T12:00:00Z","level":"error","service":"Portald","message":"request",)"
        R"("method":"GET","path":"/api/cart","status":502,"reason":"connection_lost","tries":3})");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "502 GET /api/cart: the connection broke");
    CHECK(lines[0].fields == "tries=3");
}

TEST_CASE("a request that failed without a reason is worded without one") {
    const auto lines = read_log_lines(
        R"({"seq":8,"time":"2026-11-21T12:00:00Z","level":"error","service":"Portald","message":"request",)"
        R"("method":"GET","path":"/api/cart","status":500,"reason":"","tries":1})");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "500 GET /api/cart");
}

TEST_CASE("each reason of a failed request is told in words") {
    for (const auto* code : {"no_instance",
                             "not_exposed",
                             "unreachable",
                             "untrusted",
                             "timed_out",
                             "connection_lost",
                             "bad_answer",
                             "overloaded",
                             "stopped",
                             "address_refused",
                             "failed",
                             "client_gone",
                             "slow_client",
                             "too_large",
                             "bad_body",
                             "bad_path",
                             "rate_limited",
                             "source_share",
                             "timed_out_half_way",
                             "connection_lost_half_way",
                             "bad_answer_half_way",
                             "body_of_get",
                             "cross_site",
                             "handler_failed"}) {
        INFO(code);
        CHECK(reason_words(code) != code);
    }
    CHECK(reason_words("what_comes_later") == "what_comes_later");
}

TEST_CASE("errors are counted by service") {
    const auto counts =
        read_error_counts(R"({"total":3,"counts":[{"service":"cart","count":2},{"service":"b","count":1}]})");
    REQUIRE(counts);
    CHECK(counts->at("cart") == 2);
    CHECK_FALSE(read_error_counts("[]"));
}

TEST_CASE("what passed the gateways is added up over all of them") {
    const std::string one =
        R"({"range":"1h","step_seconds":60,"services":[{"name":"cart","requests":[1,2],"failures":[0,1],
            "p50_us":[null,5],"p95_us":[null,7],"p99_us":[null,9],"in_flight":3,
            "total":{"requests":3,"failures":1,"p50_us":5,"p95_us":7,"p99_us":9},
            "recent":{"seconds":30,"requests":45,"failures":1,"p50_us":5,"p95_us":7,"p99_us":9},
            "instances":[{"url":"http://a:1","requests":[1],"failures":[0],"p50_us":[1],"p95_us":[1],
            "p99_us":[1],"in_flight":1,
            "total":{"requests":1,"failures":0,"p50_us":1,"p95_us":1,"p99_us":1}}]}]})";
    auto all = read_traffic(one);
    REQUIRE(all);
    merge(*all, *read_traffic(one));
    const auto& cart = all->services.at("cart");
    REQUIRE(cart.steps.size() == 2);
    CHECK(cart.steps[1].requests == 4);
    CHECK_FALSE(cart.steps[0].took.p95_us);
    CHECK(cart.total.failures == 2);
    CHECK(cart.recent.failures == 2);
    CHECK(cart.rate == 3.0);
    CHECK(cart.total.took.p95_us == 7);
    CHECK(cart.instances.at("http://a:1").total.requests == 2);
    CHECK_FALSE(read_traffic("<html>"));
    for (const char* unknown : {"", R"(,"recent":null)"})
        CHECK_FALSE(read_traffic(R"({"services":[{"name":"cart","total":{"requests":9})" +
                                 std::string(unknown) + "}]}")
                        ->services.at("cart")
                        .rate);
}

// What the gateway remembers of what passed through it.
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "role/asked_at_once.hpp"
#include "role/gateway_fixture.hpp"
#include "role/large_answers.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

json::value history(gateway_fixture& f, const std::string& query) {
    const auto answer = f.w.http("GET", f.portal + "/gateway/history" + query);
    REQUIRE(answer.status == 200);
    return boost::json::parse(answer.body);
}

std::int64_t sum_of(const json::value& numbers) {
    std::int64_t all = 0;
    for (const auto& n : numbers.as_array()) all += n.as_int64();
    return all;
}

}  // namespace

TEST_CASE("the gateway's history counts requests and failures of a service and of its instances") {
    gateway_fixture f({});
    auto& shop = f.instance(says_ok);
    for (int i = 0; i < 5; ++i) CHECK_THAT(f.get("/api/Shop/x"), StartsWith("HTTP/1.1 200"));
    const auto all = history(f, "");
    CHECK(all.at("range").as_string() == "1h");
    CHECK(all.at("step_seconds").as_int64() == 60);
    const auto& row = all.at("services").at(0);
    CHECK(row.at("name").as_string() == "Shop");
    CHECK(row.at("requests").as_array().size() == 60);
    CHECK(sum_of(row.at("requests")) == 5);
    CHECK(sum_of(row.at("failures")) == 0);
    CHECK(row.at("p95_us").at(0).is_null());
    CHECK(row.at("total").at("requests").as_int64() == 5);
    CHECK(row.at("total").at("p95_us").is_int64());
    CHECK(row.at("in_flight").as_int64() == 0);
    CHECK(row.at("instances").at(0).at("url").as_string() == f.base(shop));
    CHECK(row.at("instances").at(0).at("total").at("requests").as_int64() == 5);
    CHECK_FALSE(row.at("instances").at(0).as_object().contains("requests"));
    const auto one = history(f, "?service=Shop&range=6h&points=36");
    CHECK(one.at("step_seconds").as_int64() == 600);
    CHECK(sum_of(one.at("services").at(0).at("instances").at(0).at("requests")) == 5);
}

TEST_CASE("the gateway's history tells the last minute in slots that are over, alike in each range") {
    gateway_fixture f({});
    f.instance(says_ok);
    const auto recent = [&](const std::string& query) {
        return history(f, query).at("services").at(0).at("recent");
    };
    CHECK_THAT(f.get("/api/Shop/x"), StartsWith("HTTP/1.1 200"));
    f.w.time.advance(seconds(70));
    for (int i = 0; i < 5; ++i) CHECK_THAT(f.get("/api/Shop/x"), StartsWith("HTTP/1.1 200"));
    f.w.time.advance(seconds(10));
    for (const auto* range : {"?range=1h", "?range=6h", "?range=1h&points=7"}) {
        CHECK(recent(range).at("seconds").as_int64() == 60);
        CHECK(recent(range).at("requests").as_int64() == 5);
        CHECK(recent(range).at("p95_us").is_int64());
    }
    f.w.time.advance(seconds(60));
    CHECK(recent("?range=6h").at("seconds").as_int64() == 60);
    CHECK(recent("?range=6h").at("requests").as_int64() == 0);
}

TEST_CASE("the gateway's history tells no last minute before one of its slots is over") {
    gateway_fixture f({});
    f.instance(says_ok);
    const auto recent = history(f, "").at("services").at(0).at("recent");
    CHECK((recent.is_null() || recent.at("seconds").as_int64() < 60));
}

TEST_CASE("an instance that cannot be reached counts as a failure in the gateway's history") {
    gateway_fixture f({});
    REQUIRE(f.w.http("POST", f.registry + "/services",
                     R"({"ServiceName":"Away","ServiceURL":")" + std::string("http://127.0.0.1:1") +
                         R"(","Tags":["gateway"]})")
                .status == 200);
    f.w.until("it is known", [&] { return f.holds(f.status(), "Away"); });
    CHECK_THAT(f.get("/api/Away/x"), StartsWith("HTTP/1.1 502"));
    const auto row = history(f, "?service=Away").at("services").at(0);
    CHECK(row.at("total").at("failures").as_int64() == 1);
    CHECK(row.at("instances").at(0).at("total").at("failures").as_int64() >= 1);
}

TEST_CASE("a wrong question about the gateway's history is answered with what would be right") {
    gateway_fixture f({});
    const auto refusal = [&](const std::string& query, int status) {
        const auto answer = f.w.http("GET", f.portal + "/gateway/history" + query);
        CHECK(answer.status == status);
        return answer.body;
    };
    CHECK_THAT(refusal("?range=24h", 400), Contains("expected 1h or 6h"));
    CHECK_THAT(refusal("?points=0", 400), Contains("from 1 to 360"));
    CHECK_THAT(refusal("?steps=3", 400), Contains("steps"));
    CHECK_THAT(refusal("?service=Nobody", 404), Contains("Nobody"));
}

TEST_CASE(
    "the gateway's history has a bound: many instances have fewer points, and the answer says how many") {
    gateway_fixture f({});
    for (int i = 0; i < 600; ++i)
        REQUIRE(f.w.http("POST", f.registry + "/services",
                         R"({"ServiceName":"Crowd","ServiceURL":"http://127.0.0.1:)" +
                             std::to_string(1000 + i) + R"(","Tags":["gateway"]})")
                    .status == 200);
    f.w.until("all are known", [&] { return f.holds(f.status(), "127.0.0.1:1599"); });
    const auto refused = f.w.http("GET", f.portal + "/gateway/history?service=Crowd&points=360");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Contains("ask for points=331 or fewer"));
    CHECK(f.w.http("GET", f.portal + "/gateway/history?points=360").status == 200);
    const auto one = history(f, "?service=Crowd&points=331");
    CHECK(one.at("services").at(0).at("instances").as_array().size() == 600);
}

TEST_CASE("of many who ask for a long history of the gateway at once, a few get it") {
    gateway_fixture f({});
    for (int i = 0; i < 60; ++i)
        REQUIRE(f.w.http("POST", f.registry + "/services",
                         R"({"ServiceName":"Crowd","ServiceURL":"http://127.0.0.1:)" +
                             std::to_string(1000 + i) + R"(","Tags":["gateway"]})")
                    .status == 200);
    f.w.until("all are known", [&] { return f.holds(f.status(), "127.0.0.1:1059"); });
    const auto long_one = "/gateway/history?service=Crowd&range=6h&points=360";
    auto seen = asked_at_once(f.w, f.portal, long_one, 40);
    CHECK(seen["200"] == large_answers::max_at_once);
    CHECK(seen["503"] == 40 - large_answers::max_at_once);
    f.w.time.advance(large_answers::pause);
    CHECK(f.w.http("GET", f.portal + long_one).status == 200);
    CHECK(asked_at_once(f.w, f.portal, "/gateway/history", 40)["200"] == 40);
}

// One line among its neighbours.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("a line is shown among its neighbours, of all services or of its own") {
    log_service log;
    std::string seq;
    for (int i = 0; i < 9; ++i) {
        const auto answer = log.post((i % 2 == 0 ? "[A] - " : "[B] - ") + std::to_string(i)).body;
        if (i == 4) seq = answer.substr(7, answer.size() - 8);
    }
    CHECK(log.messages("/context?seq=" + seq + "&before=2&after=1") == "|2|3|4|5");
    CHECK(log.messages("/context?seq=" + seq + "&before=2&after=9&same_service=1") == "|0|2|4|6|8");
    CHECK(log.messages("/context?seq=" + seq + "&before=0&after=0") == "|4");
    CHECK(log.messages("/context?seq=" + seq + "&before=2&after=2&q=-3+-/[67]/") == "|1|2|4|5|8");
    CHECK(log.messages("/context?seq=" + seq + "&before=2&after=2&service=B") == "|1|3|4|5|7");
    CHECK(log.get("/context?seq=100000").status == 404);
    for (const auto* query : {"", "?seq=0", "?seq=x", "?seq=1&before=1001", "?seq=1&same_service=yes",
                              "?sq=1", "?seq=1&sq=1", "?seq=1&q=(", "?seq=1&same_service=1&service=A"})
        CHECK(log.get(std::string("/context") + query).status == 400);
}

TEST_CASE("neighbours that are very large are shown as far as memory is bounded, the nearest first") {
    log_service log;
    std::string body;
    for (int i = 0; i < 60; ++i)
        body +=
            R"({"service":"A","message":")" + std::string(200'000, static_cast<char>('a' + i % 26)) + "\"}\n";
    REQUIRE(log.lines(body).status == 200);
    const auto answer = log.post("[A] - in the middle").body;
    const auto seq = answer.substr(7, answer.size() - 8);
    const auto found = log.get("/context?before=1000&after=0&service=A&seq=" + seq).body;
    CHECK(found.size() > 4U << 20);
    CHECK(found.size() < 7U << 20);
    const auto has = [&found](const std::string& text) { return found.find(text) != std::string::npos; };
    CHECK(has("in the middle"));
    CHECK(has(std::string(1000, 'a' + 59 % 26)));
    CHECK_FALSE(has("{\"seq\":" + std::to_string(std::stoi(seq) - 50) + ","));
    CHECK(has(R"({"_incomplete":{"reason":"size",)"));
}

// One line among its neighbours.
#include <catch2/catch.hpp>
#include <list>
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

TEST_CASE("a stop ends searches for neighbours that are under way, and what they hold ends with them") {
    log_service log({"--drain-timeout=1s"});
    std::string body;
    for (int i = 0; i < 100; ++i) {
        std::string text;
        while (text.size() < 50'000) text += "abc ";
        body += R"({"service":"A","message":")" + text + "\"}\n";
    }
    REQUIRE(log.lines(body).status == 200);
    // Takes minutes: what is begun is still at work when the stop comes.
    std::string costly = "q=";
    for (int i = 0; i < 7; ++i)
        costly += (i > 0 ? "%20or%20/" : "/") + ("(a%7Cb%7Cc%7C%20)%7B1,200%7Dq" + std::to_string(i)) + "/";
    const auto request =
        get_request("/log/context?seq=50&before=1000&after=1000&" + costly, "Connection: close\r\n");
    std::list<raw_peer> askers;
    for (int i = 0; i < 40; ++i) {
        askers.emplace_back(port_of(log.url()), [&log] { log.w.pump(); });
        static_cast<void>(askers.back().send(request));
    }
    log.w.pump();
    CHECK_THAT(askers.back().read_until_close(), Catch::StartsWith("HTTP/1.1 503"));  // sixteen are at work
    CHECK(askers.front().is_silent());
    log.w.begin_stop("log");
    log.w.stop("log");
    CHECK_THAT(askers.front().read_until_close(), !Catch::StartsWith("HTTP/1.1 200"));
}

// Questions and tails that are to cost the log service more than they cost who asks.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "abuse/abuse.hpp"

using namespace distd::test;

namespace {

std::string regexes(const std::string& escaped_pattern, std::size_t count) {
    std::string q;
    for (std::size_t i = 0; i < count; ++i) q += (i == 0 ? "/" : "%20/") + escaped_pattern + "/";
    return q;
}

std::string abc(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += "abc ";
    return text;
}

std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace

// Asks with hundreds of regular expressions, each of which takes long to compile.
TEST_CASE("a question of hundreds of regular expressions is refused, and costs another client nothing") {
    victim v("log");
    other_client other(v.url("log") + "/heartbeat");
    for (std::size_t i = 0; i < scaled(20); ++i) {
        CHECK(exchange("GET", v.url("log") + "/log?q=" + regexes(".%7B999%7D", 400)).status == 400);
        CHECK(exchange("GET", v.url("log") + "/log/tail?q=" + regexes("(.%7B99%7D)%7B9%7D", 8)).status ==
              400);
    }
    check_served("many regular expressions", other.stop());
    CHECK(v.peak_mib() < 300);
    CHECK(v.stop() == 0);
}

// Follows the log on hundreds of connections, with expressions that are large.
TEST_CASE(
    "tails of one client leave searches and large bodies their threads, and their expressions a bound") {
    victim v("log");
    crowd tails;
    tails.add(v.port("log"), scaled(600), get("/log/tail"));
    tails.add(v.port("log"), scaled(300), get("/log/tail?q=" + regexes(".%7B400%7D", 2)));
    const std::string line = R"({"message":"a line like others"})";
    std::string large;
    while (large.size() < 200'000) large += line + "\n";
    other_client other(v.url("log") + "/log?q=line&limit=10");
    for (std::size_t i = 0; i < scaled(10); ++i) {
        const auto posted = exchange("POST", v.url("log") + "/log", large, "application/x-ndjson");
        CHECK(posted.status == 200);
    }
    check_served("tails", other.stop());
    CHECK(v.peak_mib() < 1000);  // a third of it without what sanitizers keep back
    tails.leave();
    CHECK(v.stop() == 0);
}

// Asks what takes minutes to answer, by each route that searches.
TEST_CASE(
    "searches, counts and tails that would take minutes leave a thread to others, and stop when told to") {
    victim v("log", {"--drain-timeout=1s"});
    std::string lines;
    for (int i = 0; i < 400; ++i) lines += R"({"message":")" + abc(8000) + "\"}\n";
    CHECK(exchange("POST", v.url("log") + "/log", lines, "application/x-ndjson").status == 200);
    std::string costly = "q=";
    for (int i = 0; i < 7; ++i)
        costly += (i > 0 ? "%20or%20/" : "/") + ("(a%7Cb%7Cc%7C%20)%7B1,200%7Dq" + std::to_string(i)) + "/";
    crowd askers;
    for (const auto* route : {"/log?", "/log?limit=10&", "/log/stats?", "/log/context?seq=200&"})
        askers.add(v.port("log"), scaled(4), get(route + costly));
    askers.add(v.port("log"), scaled(4), get("/log/tail?after=1&" + costly));
    check_served("costly searches, a search", ask(v.url("log") + "/log?limit=1"));
    check_served("costly searches, a word", ask(v.url("log") + "/log?q=abc&limit=1"));
    check_served("costly searches, a count", ask(v.url("log") + "/log/stats?by=level"));
    CHECK(v.peak_mib() < 1000);  // a third of it without what sanitizers keep back
    const auto begin = std::chrono::steady_clock::now();
    CHECK(v.stop() == 0);
    const auto took = std::chrono::steady_clock::now() - begin;
    std::printf("costly searches: stopped after %.1f s\n", std::chrono::duration<double>(took).count());
    CHECK(took < std::chrono::seconds(10));
}

// Tails: what arrives is shown while it arrives, from where a reader left off.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("a tail shows what arrives, filtered, and resumes behind the last line that was seen") {
    log_service log;
    auto peer = log.connect();
    std::string heard;
    const auto hear = [&](raw_peer& p, const std::string& what) {
        while (heard.find(what) == std::string::npos) heard += p.read_some();
    };
    peer.send("GET /log/tail?service=A HTTP/1.1\r\nHost: localhost\r\n\r\n");
    hear(peer, ": ready");
    CHECK_THAT(heard, Contains("text/event-stream"));
    log.post("[B] - not for us");
    const auto seq = log.post("[A] - one").body;
    log.post("[A] - two");
    hear(peer, "\"message\":\"two\"");
    CHECK_THAT(heard, !Contains("not for us"));
    CHECK(heard.find("\"message\":\"one\"") < heard.find("\"message\":\"two\""));
    const auto id = seq.substr(7, seq.size() - 8);
    CHECK_THAT(heard, Contains("id: " + id + "\n"));

    heard.clear();
    auto again = log.connect();
    again.send("GET /log/tail?service=A HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + id + "\r\n\r\n");
    log.post("[A] - three");
    hear(again, "\"message\":\"three\"");
    CHECK_THAT(heard, Contains("\"message\":\"two\"") && !Contains("\"message\":\"one\""));
}

TEST_CASE("a tail that resumes behind a line of another store shows what comes next") {
    log_service log;
    log.post("[A] - before");
    for (const std::string where :
         {"after=99999999 HTTP/1.1\r\n", "q= HTTP/1.1\r\nLast-Event-ID: 99999999\r\n"}) {
        auto peer = log.connect();
        peer.send("GET /log/tail?service=A&" + where + "Host: localhost\r\n\r\n");
        std::string heard;
        while (heard.find(": ready") == std::string::npos) heard += peer.read_some();
        log.post("[A] - next");
        while (heard.find("\"message\":\"next\"") == std::string::npos) heard += peer.read_some();
        CHECK_THAT(heard, !Contains("before"));
    }
}

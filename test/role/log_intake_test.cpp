// What holds for every intake API of the log: packed bodies, bounds on rate and size, and forms that nobody
// meant.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "role/log_fixture.hpp"
#include "support/gzip.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("compressed bodies are accepted on every ingestion API, up to a decompressed size") {
    log_service log;
    const std::string packed = "Content-Encoding: gzip\r\n";
    CHECK(log.send("/log", gzip("[A] - one"), "text/plain", packed).status == 200);
    CHECK(log.send("/log", gzip("{\"service\":\"A\",\"message\":\"two\"}\n"), "application/x-ndjson", packed)
              .status == 200);
    CHECK(log.send("/_bulk", gzip(bulk), "application/x-ndjson", packed).status == 200);
    CHECK(log.send("/loki/api/v1/push", gzip(R"({"streams":[]})"), "application/json", packed).status == 204);
    CHECK(log.send("/v1/logs", gzip("{}"), "application/json", packed).status == 200);
    const auto bomb = gzip(std::string((16 << 20) + 1, ' '));
    for (const auto* path : {"/log", "/_bulk", "/loki/api/v1/push", "/v1/logs"})
        CHECK(log.send(path, bomb, "application/json", packed).status == 413);
    CHECK(log.send("/log", "not gzip", "text/plain", packed).status == 400);
    const auto unknown = log.send("/log", "x", "text/plain", "Content-Encoding: br\r\n");
    CHECK(unknown.status == 415);
    CHECK_THAT(unknown.header("Accept-Encoding"), Contains("gzip"));
    CHECK(log.messages("?service=A&order=oldest") == "|one|two|one|two");
}

TEST_CASE("JSON lines posted with a form type are stored as text, not dropped") {
    log_service log;
    CHECK(log.send("/log", "{\"message\":\"a\"}", "application/x-www-form-urlencoded").status == 200);
    CHECK_THAT(log.get("?limit=10").body, Contains(R"("message":"{\"message\":\"a\"}")"));
}

TEST_CASE("a source over its rate gets 429 with Retry-After, and is then accepted again") {
    log_service log({"--log-rate-per-source=10"});
    std::string body;
    for (int i = 0; i < 40; ++i) body += "{\"message\":\"x\"}\n";
    CHECK(log.lines(body).status == 200);
    for (const auto* path : {"/log", "/_bulk", "/loki/api/v1/push", "/v1/logs"}) {
        const auto a = log.send(path, body);
        CHECK(a.status == 429);
        CHECK(a.header("Retry-After") == "4");
        CHECK_THAT(a.body, Contains("10 lines a second"));
    }
    log.w.time.advance(std::chrono::seconds(4));
    CHECK(log.post("[A] - again").status == 200);
}

TEST_CASE("a batch larger than the write queue is accepted, and so are later ones") {
    log_service log;
    std::string body;
    while (body.size() < (15 << 20))
        body += "{\"service\":\"A\",\"message\":\"" + std::string(100'000, 'x') + "\"}\n";
    std::vector<std::unique_ptr<raw_peer>> peers;
    const std::string head =
        "POST /log HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n";
    // Together they are more than the store's queue takes.
    for (int i = 0; i < 6; ++i) {
        peers.push_back(std::make_unique<raw_peer>(port_of(log.url()), [&] { log.w.pump(); }));
        peers.back()->send(head + body.substr(0, body.size() - 1));
    }
    for (auto& p : peers) p->send("\n");
    for (auto& p : peers) CHECK_THAT(p->read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("every line has its source address and API in _from, which can be searched") {
    log_service log({"--log-syslog-tcp=127.0.0.1:0", "--log-syslog-udp=127.0.0.1:0"});
    const auto udp = log.syslog_port("udp");
    raw_peer syslog(log.syslog_port("tcp"), [&] { log.w.pump(); });
    syslog.send("<13>1 - h A - - - by tcp\n");
    syslog.finish_sending();
    send_datagram(udp, "<13>1 - h A - - - by udp");
    CHECK(log.post("[A] - by text").status == 200);
    CHECK(log.lines(R"({"service":"A","message":"by json","_from":"me"})").status == 200);
    CHECK(log.send("/_bulk", "{\"create\":{}}\n{\"service\":\"A\",\"message\":\"by elasticsearch\"}\n")
              .status == 200);
    CHECK(log.send("/loki/api/v1/push",
                   R"({"streams":[{"stream":{"service":"A"},"values":[["1","by loki"]]}]})")
              .status == 204);
    CHECK(log.send("/v1/logs", R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":)"
                               R"({"stringValue":"A"}}]},"scopeLogs":[{"logRecords":[)"
                               R"({"body":{"stringValue":"by otlp"}}]}]}]})")
              .status == 200);
    for (const std::string way :
         {"text", "json", "elasticsearch", "loki", "otlp", "syslog-tcp", "syslog-udp"}) {
        const auto found = [&] { return log.messages("?service=A&q=_from:%22127.0.0.1%20" + way + "%22"); };
        log.w.until("the line is found that came by " + way, [&] { return found() != ""; });
        CHECK(found() == "|by " + way.substr(way.find('-') + 1));
    }
    CHECK(log.messages("?" + ours + "&q=sent__from:me") == "|by json");
    CHECK(log.messages("?q=_from:own") != "");
    CHECK(log.messages("?" + ours + "&q=_from:me") == "");
}

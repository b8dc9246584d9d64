// Lines that are sent as our own protocol says: what was answered with 200 is found again, what was refused
// is said, line by line.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"
#include "support/gzip.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a line that was answered with 200 is found, with its source, also after a restart") {
    log_service log;
    const auto a = log.post("[A] - hello \"you\"\n");
    CHECK(a.status == 200);
    CHECK_THAT(a.body, StartsWith("{\"seq\":"));
    log.restart();
    CHECK(log.post("[A] - again").status == 200);
    const auto found = log.get("?" + ours);
    CHECK(found.status == 200);
    CHECK(found.header("Content-Type") == "application/x-ndjson");
    CHECK_THAT(
        found.body,
        StartsWith(a.body.substr(0, a.body.size() - 1) + ",\"time\":\"") &&
            Contains(R"("level":"info","service":"A","message":"hello \"you\"","_from":"127.0.0.1 text"})"
                     "\n{\"seq\":") &&
            EndsWith(R"("message":"again","_from":"127.0.0.1 text"})"
                     "\n"));
}

TEST_CASE("with --log-sync=interval lines are stored as well") {
    log_service log({"--log-sync=interval"});
    CHECK(log.post("[A] - hello").status == 200);
    log.restart();
    CHECK(log.messages("?" + ours) == "|hello");
}

TEST_CASE("POST /log rejects empty, oversized, wrongly typed and encoded bodies") {
    log_service log;
    CHECK(log.post("").status == 400);
    CHECK(log.post(std::string((256 << 10) + 1, 'x')).status == 413);
    CHECK(log.post(std::string(256 << 10, 'x')).status == 200);
    const auto image = log.post("x", "image/png");
    CHECK(image.status == 415);
    CHECK(image.header("Accept-Post") == "text/plain, application/x-ndjson, application/json");
    CHECK(log.post("x", "text/plain", "Content-Encoding: br\r\n").status == 415);
    CHECK(log.post("x", "text/plain", "X-Batch-Id: a\"b\r\n").status == 400);
    CHECK(log.post("x", "text/plain", "X-Batch-Id: a\r\nX-Batch-Id: a\r\n").status == 400);
    CHECK(log.post("x", "text/plain", "X-Batch-Id: \r\nx-batch-id: a\r\n").status == 400);
    CHECK(log.post("typed by hand", "application/x-www-form-urlencoded").status == 200);
}

TEST_CASE("OPTIONS lists the methods, and unsupported ones are answered with 405") {
    log_service log;
    const auto options = log.w.http("OPTIONS", log.url() + "/log");
    CHECK(options.status == 204);
    CHECK_THAT(options.header("Accept-Post"), Contains("application/x-ndjson"));
    for (const auto* method : {"PUT", "PATCH", "DELETE"}) {
        const auto a = log.w.http(method, log.url() + "/log");
        CHECK(a.status == 405);
        CHECK(a.header("Allow") == "GET, HEAD, POST, OPTIONS");
        CHECK_THAT(a.header("Accept-Post"), Contains("text/plain"));
    }
}

TEST_CASE("a batch answer has the number stored, and the rejected lines") {
    log_service log;
    const auto all =
        log.lines("{\"service\":\"A\",\"message\":\"1\"}\n{\"service\":\"A\",\"message\":\"2\",\"n\":7}\n");
    CHECK(all.status == 200);
    CHECK_THAT(all.body, StartsWith(R"({"accepted":2,"rejected":0,"first":)"));
    const auto some = log.lines("{\"service\":\"A\",\"message\":\"3\"}\nnonsense\n");
    CHECK(some.status == 207);
    CHECK_THAT(some.body, StartsWith(R"({"accepted":1,"rejected":1,"errors":[{"line":2,"reason":"not JSON)"));
    const auto none = log.lines("nonsense\n");
    CHECK(none.status == 400);
    CHECK_THAT(none.body, Contains(R"("accepted":0,"rejected":1)"));
    CHECK(log.lines("\n\n").status == 400);
    CHECK(log.post(R"([{"service":"A","message":"4"},{"service":"A","message":"5"}])", "application/json")
              .status == 200);
    CHECK(log.post(R"([{"service":"A","message":"lost"})", "application/json").status == 400);
    CHECK(log.messages("?" + ours) == "|1|2|3|4|5");
    CHECK_THAT(log.get("?q=2").body, Contains(R"("message":"2","n":7,"_from":"127.0.0.1 json"})"));
}

TEST_CASE("a batch repeated with its id is stored once, also after a restart") {
    log_service log;
    const std::string line = "{\"service\":\"A\",\"message\":\"once\"}\n";
    const auto send = [&] { return log.post(line, "application/x-ndjson", "X-Batch-Id: b-1\r\n"); };
    const auto first = send();
    CHECK(first.status == 200);
    log.restart();
    const auto again = send();
    CHECK(again.status == 200);
    CHECK_THAT(again.body, Contains("\"repeated\":true") &&
                               Contains(first.body.substr(first.body.find("\"first\""), 12)));
    CHECK(log.messages("?" + ours) == "|once");
}

TEST_CASE(
    "another batch under an id that was taken is refused with 409, and what is the same counts once in any "
    "packing") {
    log_service log;
    const auto send = [&](const std::string& body, const std::string& more = "") {
        return log.post(body, "application/x-ndjson", "X-Batch-Id: b-1\r\n" + more);
    };
    const std::string line = "{\"service\":\"A\",\"message\":\"first\"}\n";
    CHECK(send(line).status == 200);
    const auto other = send("{\"service\":\"A\",\"message\":\"other\"}\n");
    CHECK(other.status == 409);
    CHECK_THAT(other.body, Contains("nothing of this one was stored"));
    CHECK_THAT(send(test::gzip(line), "Content-Encoding: gzip\r\n").body, Contains("\"repeated\":true"));
    log.restart();
    CHECK(send("{\"service\":\"A\",\"message\":\"other\"}\n").status == 409);
    CHECK(log.messages("?" + ours) == "|first");
    CHECK_THAT(log.w.http("GET", log.url() + "/metrics").body,
               Contains("distd_log_contradicting_batches_total{way=\"json\"} 1"));
}

TEST_CASE("a large batch is stored, and returned in one stream") {
    log_service log;
    std::string body;
    for (int i = 0; i < 20'000; ++i)
        body += R"({"service":"A","message":"line )" + std::to_string(i) + "\"}\n";
    CHECK(log.lines(body).status == 200);
    const auto found = log.get("?limit=1000000&" + ours).body;
    CHECK(std::count(found.begin(), found.end(), '\n') == 20'000);
    CHECK_THAT(found, EndsWith("\"message\":\"line 19999\",\"_from\":\"127.0.0.1 json\"}\n"));
    CHECK(log.messages("?limit=2&service=A") == "|line 19999|line 19998");
    CHECK(log.messages("?q=%22line+777%22&limit=1&" + ours) == "|line 777");
}

TEST_CASE("the log service logs to itself, but not for each stored line") {
    log_service log;
    std::string found;
    log.w.until("the own lines are stored", [&] {
        found = log.get("?service=LogService&q=log_opened").body;
        return !found.empty();
    });
    for (int i = 0; i < 5; ++i) log.post("[A] - x");
    const auto count = [&] {
        const auto body = log.get("?service=LogService&limit=1000&q=method:POST").body;
        return std::count(body.begin(), body.end(), '\n');
    };
    CHECK(count() == 0);
}

// What a sender or a reader can make the log service hold or do, and the answers at the bounds.
#include <catch2/catch.hpp>

#include "role/log_fixture.hpp"
#include "support/gzip.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

std::string many(std::string_view piece, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) (all += i == 0 ? "" : ",") += piece;
    return all;
}

const std::string text(200'000, 'x');

// A label, or an attribute, for each of thousands of records.
std::string loki_bomb() {
    return R"({"streams":[{"stream":{"l":")" + text + R"("},"values":[)" + many(R"(["1","a"])", 5000) +
           "]}]}";
}
std::string otlp_bomb() {
    return R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":")" + text +
           R"("}}]},"scopeLogs":[{"logRecords":[)" + many("{}", 5000) + "]}]}]}";
}

// Seven expressions without memory for their states: most of a second for each line.
const std::string costly_text = [] {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "abc ";
    return text;
}();
const std::string costly_query = [] {
    std::string q;
    for (int i = 0; i < 7; ++i)
        q += (i > 0 ? "+or+" : "") + ("/(a%7Cb%7Cc%7C%20)%7B1,200%7Dq" + std::to_string(i)) + "/";
    return q;
}();

}  // namespace

TEST_CASE("a small body that expands to too many lines is refused with 413 and not stored") {
    log_service log;
    const std::string packed = "Content-Encoding: gzip\r\n";
    const auto answers = {log.send("/loki/api/v1/push", loki_bomb()), log.send("/v1/logs", otlp_bomb()),
                          log.send("/loki/api/v1/push", gzip(loki_bomb()), "application/json", packed),
                          log.send("/v1/logs", gzip(otlp_bomb()), "application/json", packed)};
    for (const auto& a : answers) {
        CHECK(a.status == 413);
        CHECK_THAT(a.body, Contains("up to record ") && Contains("send fewer records at once"));
    }
    CHECK(log.metric("distd_log_records_total{way=\"loki\"}") == 0);
    CHECK(log.metric("distd_log_records_total{way=\"otlp\"}") == 0);
    CHECK(log.metric("distd_log_lines_in_memory_bytes") == 0);
}

TEST_CASE("a bulk whose answer would be many times its size is refused with 413") {
    log_service log;
    std::string deletes;
    for (int i = 0; i < 20'000; ++i) deletes += "{\"delete\":{}}\n";
    const auto a = log.send("/_bulk", deletes, "application/x-ndjson");
    CHECK(a.status == 413);
    CHECK(a.body.size() < 1000);
}

TEST_CASE("a long bulk is answered item by item") {
    log_service log;
    std::string documents;
    for (int i = 0; i < 3000; ++i) documents += "{\"create\":{}}\n{\"message\":\"a line like others\"}\n";
    const auto a = log.send("/_bulk", documents, "application/x-ndjson");
    CHECK(a.status == 200);
    CHECK_THAT(a.body, Contains("\"errors\":false"));
    std::size_t items = 0;
    for (std::size_t at = 0; (at = a.body.find("\"status\":201", at)) != std::string::npos; ++at) ++items;
    CHECK(items == 3000);
}

TEST_CASE("queries with too many or too large regular expressions are refused on every route") {
    log_service log;
    for (const auto* route : {"", "/tail", "/stats", "/fields", "/context"}) {
        const std::string start =
            std::string(route) + (route == std::string("/context") ? "?seq=1&q=" : "?q=");
        const auto nine = log.get(start + "/a/%20/b/%20/c/%20/d/%20/e/%20/f/%20/g/%20/h/%20/i/");
        CHECK(nine.status == 400);
        CHECK_THAT(nine.body, Contains("at most 8 regular expressions"));
        CHECK(log.get(start + "/.%7B900%7D/%20/b.%7B900%7D/").status == 400);
    }
    CHECK(log.lines(some_lines(0, 3)).status == 200);
    CHECK(log.messages("?" + ours + "&q=/line%20[12]/") == "|line 1|line 2");
}

TEST_CASE("a search or count that would take minutes ends in time on every route, and says so") {
    log_service log;
    std::string body;
    for (int i = 0; i < 400; ++i) body += R"({"service":"A","message":")" + costly_text + "\"}\n";
    REQUIRE(log.lines(body).status == 200);
    // Each turn of the loop takes a second by the service's clock.
    const auto ask = [&log](const std::string& query) {
        const auto pump = [&log] {
            log.w.pump();
            log.w.time.advance(std::chrono::seconds(1));
        };
        return exchange("GET", log.url() + "/log" + query, "", "", pump).body;
    };
    for (const std::string route : {"?", "?format=text&", "?order=oldest&", "/context?seq=200&"})
        CHECK_THAT(ask(route + "q=" + costly_query), Contains(R"({"_incomplete":{"reason":"time","after":)"));
    for (const std::string route : {"/stats?", "/fields?"})
        CHECK_THAT(ask(route + "q=" + costly_query), Contains(R"(,"incomplete":"time","after":)"));
    CHECK(log.messages("?" + ours + "&limit=1") == '|' + costly_text);
}

TEST_CASE("a long syslog message keeps its order among short ones") {
    log_service log({"--log-syslog-tcp=127.0.0.1:0"});
    raw_peer sender(log.syslog_port("tcp"), [&] { log.w.pump(); });
    const std::string begin = "<13>1 - h A - - - ";
    sender.send(begin + "one\n" + begin + std::string(100'000, 'x') + "\n" + begin + "three\n");
    sender.finish_sending();
    log.w.until("all are stored", [&] { return log.messages("?" + ours).ends_with("|three"); });
    CHECK(log.messages("?" + ours) == "|one|" + std::string(100'000, 'x') + "|three");
}

TEST_CASE("an HTTP request to the syslog port is closed, not stored, and counted") {
    log_service log({"--log-syslog-tcp=127.0.0.1:0"});
    const auto port = log.syslog_port("tcp");
    const std::string line = "<8>1 - h A - - - payment approved\n";
    const auto path = std::string("/") + std::string(300'000, 'a');  // longer than a line may be
    for (const auto& request :
         {"POST / HTTP/1.1\r\nHost: a\r\n\r\n" + line, "GET " + path + " HTTP/1.1\r\n\r\n" + line}) {
        raw_peer page(port, [&] { log.w.pump(); });
        page.send(request);
        CHECK(page.read_until_close() == "");
    }
    CHECK(log.metric("distd_log_http_on_syslog_total") == 2);
    raw_peer sender(port, [&] { log.w.pump(); });
    sender.send("GET the door\n" + line);
    sender.finish_sending();
    log.w.until("what is no request is stored", [&] { return log.messages("?service=A") != ""; });
    CHECK(log.messages("?service=A") == "|payment approved");
}

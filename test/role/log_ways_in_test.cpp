// The ways into the log that shippers know: each is answered as its own clients expect, what was taken is
// found again, and what was refused is said.
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>

#include "role/log_fixture.hpp"
#include "support/gzip.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

struct shipped_to : log_service {
    using log_service::log_service;

    http_answer send(const std::string& path, const std::string& body,
                     const std::string& type = "application/json", const std::string& headers = {}) {
        return exchange(
            "POST", url() + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer ask(const std::string& path, const std::string& headers = {},
                    const std::string& method = "GET") {
        return exchange(
            method, url() + path, {}, {}, [this] { w.pump(); }, headers);
    }
    // What the service says of itself: where it listens for syslog.
    std::uint16_t syslog_port(const std::string& transport) {
        std::string found;
        w.until("syslog is listened to over " + transport, [&] {
            found = get("?service=LogService&q=syslog_listening").body;
            return found.find("transport=" + transport) != std::string::npos;
        });
        const auto at = found.find("127.0.0.1:", found.find("transport=" + transport)) + 10;
        return static_cast<std::uint16_t>(std::stoi(found.substr(at)));
    }
    std::string metric(const std::string& line_start) {
        const auto all = w.http("GET", url() + "/metrics").body;
        const auto at = all.find("\n" + line_start);
        return at == std::string::npos ? "" : all.substr(at + 1, all.find('\n', at + 1) - at - 1);
    }
};

void send_datagram(std::uint16_t port, const std::string& text) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto sent =
        ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    ::close(fd);
    REQUIRE(sent == static_cast<ssize_t>(text.size()));
}

const std::string bulk =
    "{\"create\":{\"_index\":\"logs\"}}\n{\"service\":\"A\",\"message\":\"one\"}\n"
    "{\"index\":{}}\n{\"service\":\"A\",\"message\":\"two\"}\n\n";

}  // namespace

TEST_CASE("a bulk is answered as Elasticsearch answers it, on every path that shippers use") {
    shipped_to log;
    for (const auto* path : {"/_bulk", "/logs/_bulk", "/elasticsearch/_bulk", "/elasticsearch/logs/_bulk",
                             "/_bulk?filter_path=errors,items.*.error,items.*.status",
                             "/_bulk/?pipeline=parse", "/logs/_bulk/"}) {
        const auto a = log.send(path, bulk, "application/x-ndjson");
        CHECK(a.status == 200);
        CHECK(a.header("X-Elastic-Product") == "Elasticsearch");
        CHECK_THAT(a.body, Contains(R"("errors":false,"items":[{"create":{"_index":"logs","_id":")"));
    }
    CHECK(log.messages("?service=A&order=oldest&limit=2") == "|one|two");
    CHECK(log.metric("distd_log_records_total{way=\"elasticsearch\"}") ==
          "distd_log_records_total{way=\"elasticsearch\"} 14");
}

TEST_CASE("a bulk that is partly or wholly wrong is told so, and only what is right is stored") {
    shipped_to log;
    const auto some = log.send("/_bulk", bulk + "{\"create\":{}}\n[]\n");
    CHECK(some.status == 200);
    CHECK_THAT(some.body, Contains(R"("errors":true)") && Contains(R"("status":400,"error":{"type":)"));
    CHECK(log.messages("?service=A") == "|two|one");
    const auto broken = log.send("/_bulk", "{\"message\":\"no action\"}\n");
    CHECK(broken.status == 400);
    CHECK_THAT(broken.body, Contains("line 1: expected an action"));
    CHECK(log.send("/_bulk", "").status == 400);
    CHECK(log.metric("distd_log_refused_records_total{way=\"elasticsearch\"}") ==
          "distd_log_refused_records_total{way=\"elasticsearch\"} 2");
}

TEST_CASE("what clients of Elasticsearch ask before they send is answered, and a browser gets a page") {
    shipped_to log;
    const auto root = log.ask("/");
    CHECK(root.status == 200);
    CHECK_THAT(root.body, Contains(R"("number":"8.9.0")") && Contains("You Know, for Search"));
    CHECK(root.header("X-Elastic-Product") == "Elasticsearch");
    CHECK(log.ask("/", {}, "HEAD").status == 200);
    CHECK_THAT(log.ask("/", "Accept: text/html,*/*\r\n").body, Contains("<h1>Log service</h1>"));
    for (const auto* path : {"/elasticsearch", "/elasticsearch/", "/_license", "/_xpack", "/_ilm/policy/x",
                             "/_index_template/x", "/_ingest/pipeline/x", "/_nodes/http", "/_cat/health",
                             "/_cluster/health", "/_data_stream/x", "/_alias/x", "/elasticsearch/_license"})
        CHECK(log.ask(path).status == 200);
    CHECK(log.ask("/ready").body == "ready\n");
}

TEST_CASE("a Loki push is answered with 204, and with 400 when not all of it could be stored") {
    shipped_to log;
    const std::string good =
        R"({"streams":[{"stream":{"service":"A"},"values":[["1570818238000000000","x"]]}]})";
    CHECK(log.send("/loki/api/v1/push", good).status == 204);
    const auto mixed = log.send("/loki/api/v1/push",
                                R"({"streams":[{"stream":{"service":"A"},"values":[["1","y"],["z","z"]]}]})");
    CHECK(mixed.status == 400);
    CHECK_THAT(mixed.body,
               Contains("1 refused and 1 stored; record 2: expected a time") &&
                   Contains(R"("accepted":1,"rejected":1,"errors":[{"line":2,"reason":"expected a time)"));
    CHECK(log.send("/loki/api/v1/push", "{}").status == 400);
    const auto packed = log.send("/loki/api/v1/push", "\x01", "application/x-protobuf");
    CHECK(packed.status == 415);
    CHECK_THAT(packed.body, Contains("application/json"));
    CHECK(log.messages("?"
                       "service=A&order=oldest") == "|x|y");
}

TEST_CASE("OpenTelemetry's export is answered with what was rejected, and protobuf is told to become JSON") {
    shipped_to log;
    const auto with = [](const std::string& records) {
        return R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":)"
               R"({"stringValue":"A"}}]},"scopeLogs":[{"logRecords":[)" +
               records + "]}]}]}";
    };
    const auto all = log.send("/v1/logs", with(R"({"body":{"stringValue":"x"}})"));
    CHECK(all.status == 200);
    CHECK(all.body == "{}");
    CHECK(all.header("Content-Type") == "application/json");
    const auto some = log.send("/otlp/v1/logs", with(R"(5,{"body":{"stringValue":"y"}})"));
    CHECK(some.status == 200);
    CHECK(some.body == R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":)"
                       R"("record 1: expected an object, found a number"}})");
    CHECK_THAT(log.send("/v1/logs", with("5,\"x\"")).body,
               Contains("record 1: expected an object, found a number; record 2: expected an object"));
    CHECK_THAT(
        log.send("/v1/logs", with("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1")).body,
        Contains(R"("rejectedLogRecords":"22")") && Contains("; record 20: ") && Contains("; and 2 more"));
    CHECK(log.send("/v1/logs", "nonsense").status == 400);
    const auto lost = log.send("/v1/logs", R"({"resource_logs":[]})");
    CHECK(lost.status == 400);
    CHECK_THAT(lost.body, Contains("resourceLogs is missing, found 'resource_logs'"));
    const auto packed = log.send("/v1/logs", "\x0a", "application/x-protobuf");
    CHECK(packed.status == 415);
    CHECK_THAT(packed.body, Contains("`encoding: json`"));
    CHECK(log.messages("?service=A&order=oldest") == "|x|y");
}

TEST_CASE("compressed bodies are taken on every way, up to a bound when opened") {
    shipped_to log;
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

TEST_CASE("JSON lines that are posted as a form are kept as they are, not dropped") {
    shipped_to log;
    CHECK(log.send("/log", "{\"message\":\"a\"}", "application/x-www-form-urlencoded").status == 200);
    CHECK_THAT(log.get("?limit=10").body, Contains(R"("message":"{\"message\":\"a\"}")"));
}

TEST_CASE("a source that sends too fast is told how long to wait, and then taken again") {
    shipped_to log({"--log-rate-per-source=10"});
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

TEST_CASE("syslog over TCP is stored, whether its messages are counted or end with their lines") {
    shipped_to log({"--log-syslog-tcp=127.0.0.1:0"});
    const auto port = log.syslog_port("tcp");
    raw_peer sender(port, [&] { log.w.pump(); });
    sender.send("<11>1 2026-11-20T10:11:11.779940+00:00 vm A - ID1 [app@32473 k=\"v\\\"\"] one\n");
    sender.send("42 <14>1 2026-11-20T10:11:12Z vm A - - - two\n<13>Nov 20 10:11:11 vm A[7]: three");
    sender.finish_sending();
    log.w.until("the lines are stored", [&] {
        return log.messages(
                   "?"
                   "service=A&order=oldest") != "";
    });
    log.w.until("all of them", [&] { return log.messages("?service=A&order=oldest") == "|one|two|three"; });
    const auto one = log.get("?service=A&order=oldest&limit=1").body;
    CHECK_THAT(
        one,
        Contains(R"("time":"2026-11-20T10:11:11.779940Z","level":"error","service":"A","message":"one",)"
                 R"("host":"vm","facility":"user","severity":"err","message_id":"ID1","app@32473.k":"v\"")"));
    CHECK(log.metric("distd_log_records_total{way=\"syslog-tcp\"}") ==
          "distd_log_records_total{way=\"syslog-tcp\"} 3");
}

TEST_CASE("syslog that was sent before the stop is stored by it") {
    shipped_to log({"--log-syslog-tcp=127.0.0.1:0", "--log-syslog-udp=127.0.0.1:0"});
    const auto tcp = log.syslog_port("tcp");
    const auto udp = log.syslog_port("udp");
    raw_peer sender(tcp, [&] { log.w.pump(); });
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - first\n");
    log.w.until("the connection is served", [&] { return log.messages("?service=A") == "|first"; });
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - late\n");
    send_datagram(udp, "<13>1 2026-11-20T10:11:11Z vm B - - - later");
    log.restart();
    CHECK(log.messages("?service=A&order=oldest") == "|first|late");
    CHECK(log.messages("?service=B") == "|later");
}

TEST_CASE("syslog over UDP is stored, a datagram a line") {
    shipped_to log({"--log-syslog-udp=127.0.0.1:0"});
    const auto port = log.syslog_port("udp");
    send_datagram(port, "<13>1 2026-11-20T10:11:11Z vm A - - - one\n");
    send_datagram(port, "<13>Nov 20 10:11:11 vm A: two");
    send_datagram(port, "");
    log.w.until("the lines are stored",
                [&] { return log.messages("?service=A&order=oldest") == "|one|two"; });
    log.w.until("the empty one is counted", [&] {
        return log.metric("distd_log_refused_records_total{way=\"syslog-udp\"}").ends_with(" 1");
    });
}

TEST_CASE("syslog that comes while the disk is full is stored when there is room again") {
    shipped_to log({"--log-syslog-tcp=127.0.0.1:0"});
    raw_peer sender(log.syslog_port("tcp"), [&] { log.w.pump(); });
    // A file size limit stands for the full disk.
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit tight{4096, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - first " + std::string(8192, 'x') + "\n");
    const auto refused = log.post("[A] - " + std::string(8192, 'x'));
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - second\n");
    for (int i = 0; i < 3; ++i) CHECK(log.post("[A] - " + std::string(8192, 'x')).status == 507);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK(refused.status == 507);
    log.w.until("both lines are stored", [&] {
        const auto found = log.messages("?service=A&order=oldest");
        return found.starts_with("|first xxx") && found.ends_with("|second");
    });
    CHECK(log.metric("distd_log_refused_records_total{way=\"syslog-tcp\"}").ends_with(" 0"));
}

TEST_CASE("a batch that is larger than what may wait for the disk is taken, and so is what comes behind it") {
    shipped_to log;
    std::string body;
    while (body.size() < (15 << 20))
        body += "{\"service\":\"A\",\"message\":\"" + std::string(100'000, 'x') + "\"}\n";
    std::vector<std::unique_ptr<raw_peer>> peers;
    const std::string head =
        "POST /log HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n";
    // Together they are more than the store's queue takes.
    for (int i = 0; i < 6; ++i) {
        peers.push_back(std::make_unique<raw_peer>(port_of(log.url()), [&] { log.w.pump(); }));
        peers.back()->send(head + body.substr(0, body.size() - 1));
    }
    for (auto& p : peers) p->send("\n");
    for (auto& p : peers) CHECK_THAT(p->read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("syslog is not taken from other machines unless one insists") {
    in_process_world w;
    CHECK_THROWS_WITH(w.start("log", "log", {"--log-syslog-tcp=0.0.0.0:0"}),
                      Contains("--log-syslog-tcp=0.0.0.0:0: other machines could send lines there"));
}

TEST_CASE("lines are searched with words, fields and expressions, and shown as plain text on request") {
    shipped_to log;
    log.lines(
        "{\"service\":\"A\",\"message\":\"payment failed\",\"status\":500}\n"
        "{\"service\":\"A\",\"message\":\"payment done\",\"status\":200}\n"
        "{\"service\":\"A\",\"message\":\"login\",\"status\":200}\n");
    const auto found = [&](const std::string& q) { return log.messages("?service=A&order=asc&q=" + q); };
    CHECK(found("payment") == "|payment failed|payment done");
    CHECK(found("PAYMENT") == "");
    CHECK(found("PAYMENT&case=ignore") == "|payment failed|payment done");
    CHECK(found("payment+-done") == "|payment failed");
    CHECK(found("failed+or+log*") == "|payment failed|login");
    CHECK(found("status:%3C300+(/pay/+or+x)") == "|payment done");
    const auto text = log.get("?service=A&format=text&order=asc&q=failed");
    CHECK(text.header("Content-Type") == "text/plain; charset=utf-8");
    CHECK(text.body == "2027-01-15T08:00:00.000000Z INFO  A: payment failed  status=500\n");
    const auto wrong = log.get("?q=(a");
    CHECK(wrong.status == 400);
    CHECK_THAT(wrong.body, Contains("q, at character 3: expected ')', found the end"));

    auto peer = log.connect();
    peer.send("GET /log/tail?q=status:500+payment HTTP/1.1\r\nHost: a\r\n\r\n");
    std::string heard;
    while (heard.find(": ready") == std::string::npos) heard += peer.read_some();
    log.lines("{\"message\":\"payment\",\"status\":200}\n{\"message\":\"payment\",\"status\":500}\n");
    while (heard.find("\"status\":500") == std::string::npos) heard += peer.read_some();
    CHECK_THAT(heard, !Contains("\"status\":200"));
}

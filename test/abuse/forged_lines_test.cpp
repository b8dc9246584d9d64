// Senders of lines who want others' lines to vanish, or their own to look like somebody else's.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"
#include "abuse/syslog_port.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

std::string header_of(const std::string& request, const std::string& name) {
    const auto at = request.find("\r\n" + name + ": ");
    if (at == request.npos) return {};
    const auto begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string post_from(const std::string& source, std::uint16_t port, const std::string& path,
                      const std::string& type, const std::string& body) {
    raw_peer peer(port, {}, source);
    static_cast<void>(peer.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                                "X-Forwarded-For: 10.9.9.9\r\nContent-Type: " + type +
                                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
    return peer.read_until_close();
}

std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++count;
    return count;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

}  // namespace

// Registers itself as a log service, and uses the ids of the batches that it is sent at the real one, before
// these come.
TEST_CASE("whoever learns the id of a batch, and uses it first, does not make its lines vanish") {
    victim v("registry,log,grading", {"--heartbeat-interval=200ms"});
    std::atomic<std::size_t> placed{0};
    // Is sent a batch, takes its id for lines of its own at the real log, and says that it is busy.
    listener evil([&](int, const std::string& request) -> raw_server::action {
        if (request.starts_with("OPTIONS"))
            return {ok_answer("", "Accept-Post: text/plain, application/x-ndjson\r\n")};
        const auto id = header_of(request, "X-Batch-Id");
        if (id.empty()) return {ok_answer()};
        const auto taken = exchange("POST", v.url("log") + "/log", R"({"message":"nothing happened"})",
                                    "application/x-ndjson", {}, "X-Batch-Id: " + id + "\r\n");
        if (taken.status == 200) ++placed;
        return {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"};
    });
    REQUIRE(
        exchange("POST", v.url("registry") + "/services", registration("LogService", evil.url())).status ==
        200);
    other_client other(v.url("log") + "/heartbeat");
    for (std::size_t n = 0; n < scaled(2); ++n) {
        // Deeds, until one of them was told to the listener; then those are to be found.
        const auto before = placed.load();
        const auto path = "/students/deed" + std::to_string(n);
        wait_until("a batch went to the listener", [&] {
            static_cast<void>(exchange("DELETE", v.url("grading") + path));
            return placed > before;
        });
        wait_until("the deeds are in the log", [&] {
            return exchange("GET", v.url("log") + "/log?limit=1&q=path:" + path).body.find(path) !=
                   std::string::npos;
        });
    }
    check_served("ids of batches", other.stop());
    const auto metrics = exchange("GET", v.url("grading") + "/metrics").body;
    CHECK_THAT(metrics, !Contains("distd_log_lines_dropped_total{reason=\"refused\"} 1"));
    CHECK(v.peak_mib() < 500);
    CHECK(v.stop() == 0);
}

// Sends the field that says where a line came from, on each way in.
TEST_CASE("no sender writes where its line came from, on any way in") {
    victim v("log", {"--log-syslog-tcp=127.0.0.1:0"});
    const auto port = v.port("log");
    const auto syslog = syslog_port(v);
    const std::string forged = R"("_from":"10.9.9.9 own","service":"Payment","message":"forged")";
    other_client other(v.url("log") + "/heartbeat");
    for (std::size_t i = 0; i < scaled(20); ++i) {
        const auto send = [&](const std::string& path, const std::string& type, const std::string& body) {
            CHECK_THAT(post_from(attacker_source, port, path, type, body), StartsWith("HTTP/1.1 20"));
        };
        send("/log", "text/plain", "[Payment] - forged \r\n{\"seq\":1," + forged + "}");
        send("/log", "application/x-ndjson", "{" + forged + "}\n{" + forged + R"(,"_from":"again"})");
        send("/log", "application/x-ndjson", R"({"\u005ffrom":"10.9.9.9 own","message":"forged"})");
        send("/_bulk", "application/x-ndjson", "{\"create\":{\"_from\":\"x\"}}\n{" + forged + "}\n");
        send("/loki/api/v1/push", "application/json",
             R"({"streams":[{"stream":{"_from":"10.9.9.9 own"},"values":[["1","forged",{"_from":"a"}]]}]})");
        const std::string attribute = R"([{"key":"_from","value":{"stringValue":"10.9.9.9 own"}}])";
        send("/v1/logs", "application/json",
             R"({"resourceLogs":[{"resource":{"attributes":)" + attribute +
                 R"(},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"forged"},"attributes":)" +
                 attribute + "}]}]}]}");
        raw_peer sender(syslog, {}, attacker_source);
        sender.send_last("<13>1 - h Payment - - [x _from=\"10.9.9.9 own\"] forged\n");
        CHECK(sender.read_until_close().empty());
    }
    check_served("forged origins", other.stop());
    const auto found = lines_of(exchange("GET", v.url("log") + "/log?limit=1000&q=forged").body);
    CHECK(found.size() == std::min<std::size_t>(1000, 8 * scaled(20)));
    for (const auto& line : found) {
        CAPTURE(line);
        CHECK(count_of(line, R"("_from":")") == 1);  // elsewhere its quotes are escaped
        const bool is_true = line.find(R"("_from":"192.0.2.1 )") != line.npos ||
                             line.find(R"("_from":"127.0.77.1 syslog-tcp")") != line.npos;
        CHECK(is_true);
    }
    CHECK(exchange("GET", v.url("log") + "/log?q=_from:10.9.9.9*").body.empty());
    CHECK(v.peak_mib() < 400);
    CHECK(v.stop() == 0);
}

// Sends lines that clear the screen of a terminal, or are read from right to left there.
TEST_CASE("a line steers no terminal and turns no text around where lines are shown as text") {
    victim v("log");
    const std::string steering =
        "\x1b[2J \xC2\x9B"
        "31m \xE2\x80\xAE"
        "txet \xE2\x81\xA6 \xD8\x9C \r forged";
    other_client other(v.url("log") + "/heartbeat");
    for (std::size_t i = 0; i < scaled(20); ++i)
        CHECK(exchange("POST", v.url("log") + "/log", "[Payment] - " + steering, "text/plain").status == 200);
    const auto shown = exchange("GET", v.url("log") + "/log?format=text&limit=100").body;
    check_served("lines that steer", other.stop());
    CHECK_THAT(shown, Contains("forged"));
    for (const auto* raw : {"\x1b", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xD8\x9C", "\r"})
        CHECK_THAT(shown, !Contains(raw));
    CHECK(v.stop() == 0);
}

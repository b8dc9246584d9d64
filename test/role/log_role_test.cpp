// The log service over HTTP: what was answered with 200 is found again, what was refused is said.
#include <sys/resource.h>
#include <catch2/catch.hpp>

#include "role/log_fixture.hpp"
#include "support/files.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

const std::string ours = "service=A&order=oldest";  // leaves the log service's own lines out

}  // namespace

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
    CHECK_THAT(found.body, StartsWith(a.body.substr(0, a.body.size() - 1) + ",\"time\":\"") &&
                               Contains(R"("level":"info","service":"A","message":"hello \"you\""})"
                                        "\n{\"seq\":") &&
                               Catch::EndsWith(R"("message":"again"})"
                                               "\n"));
}

TEST_CASE("with --log-sync=interval lines are stored as well") {
    log_service log({"--log-sync=interval"});
    CHECK(log.post("[A] - hello").status == 200);
    log.restart();
    CHECK(log.messages("?" + ours) == "|hello");
}

TEST_CASE("what is no line is refused: empty, too long, of another type, encoded") {
    log_service log;
    CHECK(log.post("").status == 400);
    CHECK(log.post(std::string((256 << 10) + 1, 'x')).status == 413);
    CHECK(log.post(std::string(256 << 10, 'x')).status == 200);
    const auto image = log.post("x", "image/png");
    CHECK(image.status == 415);
    CHECK(image.header("Accept-Post") == "text/plain, application/x-ndjson, application/json");
    CHECK(log.post("x", "text/plain", "Content-Encoding: br\r\n").status == 415);
    CHECK(log.post("x", "text/plain", "X-Batch-Id: a\"b\r\n").status == 400);
    CHECK(log.post("typed by hand", "application/x-www-form-urlencoded").status == 200);
}

TEST_CASE("senders can ask what is taken, and methods that are not offered are answered with 405") {
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

TEST_CASE("a batch says what was taken and names by line what was not") {
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
    CHECK_THAT(log.get("?q=2").body, Contains(R"("message":"2","n":7})"));
}

TEST_CASE("a large batch is taken, and found again in one stream") {
    log_service log;
    std::string body;
    for (int i = 0; i < 20'000; ++i)
        body += R"({"service":"A","message":"line )" + std::to_string(i) + "\"}\n";
    CHECK(log.lines(body).status == 200);
    const auto found = log.get("?limit=1000000&" + ours).body;
    CHECK(std::count(found.begin(), found.end(), '\n') == 20'000);
    CHECK_THAT(found, Catch::EndsWith("\"message\":\"line 19999\"}\n"));
    CHECK(log.messages("?limit=2&service=A") == "|line 19999|line 19998");
    CHECK(log.messages("?q=%22line+777%22&limit=1&" + ours) == "|line 777");
}

TEST_CASE("a batch that comes again under its id is stored once, also after a restart") {
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

TEST_CASE("paging by the last line seen neither skips nor repeats, in both orders") {
    log_service log;
    for (int i = 0; i < 7; ++i) CHECK(log.post("[A] - " + std::to_string(i)).status == 200);
    for (const std::string order : {"newest", "oldest"}) {
        std::string seen;
        std::string after;
        for (;;) {
            const auto query = "?service=A&limit=3&order=" + order + "&after=" + after;
            const auto page = log.messages(query);
            if (page.empty()) break;
            seen += page;
            const auto body = log.get(query).body;
            const auto last = body.rfind("{\"seq\":") + 7;
            after = body.substr(last, body.find(',', last) - last);
        }
        CHECK(seen == (order == "newest" ? "|6|5|4|3|2|1|0" : "|0|1|2|3|4|5|6"));
    }
}

TEST_CASE("a wrong question is told what is wrong with it") {
    log_service log;
    for (const auto* query : {"?limit=0", "?limit=x", "?order=up", "?from=today", "?after=-1", "?sevice=A"}) {
        const auto a = log.get(query);
        CHECK(a.status == 400);
        CHECK_THAT(a.body, Contains("expected"));
    }
    CHECK(log.w.http("GET", log.url() + "/log/tail?limit=1").status == 400);
    for (const auto* path : {"/log", "/log/tail", "/log/stats", "/log/fields", "/log/context"}) {
        const auto twice = log.w.http("GET", log.url() + path + "?level=info&level=warn&seq=1");
        CHECK(twice.status == 400);
        CHECK_THAT(twice.body, Contains("found 'level twice'"));
    }
}

TEST_CASE("a tail shows what arrives, filtered, and resumes behind the last line that was seen") {
    log_service log;
    auto peer = log.connect();
    std::string heard;
    const auto hear = [&](raw_peer& p, const std::string& what) {
        while (heard.find(what) == std::string::npos) heard += p.read_some();
    };
    peer.send("GET /log/tail?service=A HTTP/1.1\r\nHost: a\r\n\r\n");
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
    again.send("GET /log/tail?service=A HTTP/1.1\r\nHost: a\r\nLast-Event-ID: " + id + "\r\n\r\n");
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
        peer.send("GET /log/tail?service=A&" + where + "Host: a\r\n\r\n");
        std::string heard;
        while (heard.find(": ready") == std::string::npos) heard += peer.read_some();
        log.post("[A] - next");
        while (heard.find("\"message\":\"next\"") == std::string::npos) heard += peer.read_some();
        CHECK_THAT(heard, !Contains("before"));
    }
}

TEST_CASE("the log service's own lines are in its log, and taking a line makes no line") {
    log_service log;
    std::string found;
    log.w.until("the own lines are stored", [&] {
        found = log.get("?service=LogService&q=log_opened").body;
        return !found.empty();
    });
    for (int i = 0; i < 5; ++i) log.post("[A] - x");
    const auto count = [&] {
        const auto body = log.get("?service=LogService&limit=1000&q=POST").body;
        return std::count(body.begin(), body.end(), '\n');
    };
    CHECK(count() == 0);
}

TEST_CASE(
    "on a full disk a line is answered with 507, what is stored is found, and later lines are stored again") {
    log_service log;
    CHECK(log.post("[A] - before").status == 200);
    // A file size limit stands for the full disk.
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit tight{4096, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const auto refused = log.post("[A] - " + std::string(8192, 'x'));
    const auto found = log.messages("?" + ours);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK(refused.status == 507);
    CHECK_THAT(refused.body, Contains("no room left"));
    CHECK(found == "|before");
    CHECK(log.post("[A] - after").status == 200);
    CHECK(log.messages("?" + ours) == "|before|after");
}

TEST_CASE("that the disk is full is told once, however often it fails, and that it is over when it is") {
    log_service log;
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit tight{8192, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    std::string statuses;
    for (int i = 0; i < 3; ++i) {
        statuses += std::to_string(log.post("[A] - " + std::string(9000, 'x')).status) + ' ';
        statuses += std::to_string(log.post("[A] - small").status) + ' ';
    }
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK(statuses == "507 200 507 200 507 200 ");
    const auto told = [&] { return log.messages("?service=LogService&order=oldest&q=/^log_store/"); };
    log.w.until("the failure is told", [&] { return !told().empty(); });
    log.w.time.advance(seconds(20));
    CHECK(log.post("[A] - after").status == 200);
    log.w.until("the end of it is told", [&] { return told().find("recovered") != std::string::npos; });
    const auto all = told();
    CHECK(std::count(all.begin(), all.end(), '|') == 2);
    CHECK_THAT(all, Catch::EndsWith("|log_store_recovered"));
}

namespace {

std::uint64_t metric(log_service& log, const std::string& name) {
    const auto text = log.w.http("GET", log.url() + "/metrics").body;
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + name.size() + 2));
}

std::string some_lines(int first, int count) {
    std::string body;
    for (int i = first; i < first + count; ++i)
        body += R"({"service":"A","level":")" + std::string(i % 4 == 0 ? "warn" : "info") +
                R"(","message":"line )" + std::to_string(i) + "\"}\n";
    return body;
}

}  // namespace

TEST_CASE("what arrived is sealed after an hour; it is found, counted and tailed as before") {
    log_service log;
    CHECK(log.lines(some_lines(0, 100)).status == 200);
    const auto before = log.get("?limit=1000&" + ours).body;
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(100, 20)).status == 200);
    log.w.until("the first hour's lines are sealed",
                [&] { return metric(log, "distd_log_sealed_segments_total") > 0; });
    CHECK(log.get("?limit=100&" + ours).body == before);
    CHECK(log.messages("?q=%22line+77%22&" + ours) == "|line 77");
    CHECK(log.messages("?service=A&limit=2&q=99") == "|line 99");
    const auto stats = log.get("/stats?by=level&service=A");
    CHECK(stats.status == 200);
    CHECK(stats.body ==
          R"({"total":120,"counts":[{"level":"info","count":90},{"level":"warn","count":30}]})");
    auto peer = log.connect();
    peer.send("GET /log/tail?service=A&after=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    std::string heard;
    while (heard.find("\"message\":\"line 119\"") == std::string::npos) heard += peer.read_some();
    CHECK_THAT(heard, Contains("\"message\":\"line 5\""));
    log.restart();
    CHECK(log.get("?limit=100&" + ours).body == before);
}

TEST_CASE("lines that stay for a short time are sealed soon, so that they can go") {
    log_service log({"--log-retain-age=80s"});
    CHECK(log.lines(some_lines(0, 10)).status == 200);
    log.w.time.advance(seconds(11));
    CHECK(log.lines(some_lines(10, 1)).status == 200);
    // Which of the two depends on the real time: files bear that.
    log.w.until("they are sealed, or dropped", [&] {
        return metric(log, "distd_log_sealed_segments_total") + metric(log, "distd_log_dropped_lines_total") >
               0;
    });
}

TEST_CASE("counts by service and time take every filter, and say what is wrong with a question") {
    log_service log;
    log.lines(R"({"service":"A","message":"x","time":"2026-01-02T03:04:05Z"})"
              "\n"
              R"({"service":"B","message":"x","time":"2026-01-02T03:06:05Z"})"
              "\n"
              R"({"service":"A","message":"y","time":"2026-01-02T03:11:05Z"})"
              "\n");
    const std::string day = "from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z";
    CHECK(log.get("/stats?by=service&" + day).body ==
          R"({"total":3,"counts":[{"service":"A","count":2},{"service":"B","count":1}]})");
    CHECK(log.get("/stats?bucket=5m&" + day).body ==
          R"({"total":3,"counts":[{"time":"2026-01-02T03:00:00.000000Z","count":1},)"
          R"({"time":"2026-01-02T03:05:00.000000Z","count":1},)"
          R"({"time":"2026-01-02T03:10:00.000000Z","count":1}]})");
    CHECK(log.get("/stats?q=x&" + day).body == R"({"total":2,"counts":[{"count":2}]})");
    CHECK_THAT(log.get("/stats?by=colour").body, Contains("expected level, service or both"));
    CHECK(log.get("/stats?q=X+service:A&case=ignore&" + day).body == R"({"total":1,"counts":[{"count":1}]})");
    CHECK_THAT(log.get("/stats?q=(x").body, Contains("at character 3: expected ')'"));
    for (const auto* q : {"limit=5", "order=newest", "after=1", "format=text"})
        CHECK(log.get(std::string("/stats?") + q).status == 400);
}

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

TEST_CASE("an answer that a disk cuts short says behind which line it can be gone on with") {
    log_service log;
    CHECK(log.lines(some_lines(0, 1000)).status == 200);
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(1000, 1000)).status == 200);
    log.w.until("the first lines are sealed",
                [&] { return metric(log, "distd_log_sealed_segments_total") > 0; });
    for (const auto& file : files_in(log.w.data_dir("log") + "/log/parts")) {
        std::filesystem::remove(file);
        std::filesystem::create_symlink("nowhere", file);  // it is there, and cannot be opened
    }
    const auto body = log.get("?limit=5000").body;
    CHECK_THAT(body, Contains("\"message\":\"line 1000\"") && !Contains("\"message\":\"line 999\""));
    const auto last = body.rfind("{\"seq\":");
    const auto seq = body.substr(last + 7, body.find(',', last) - last - 7);
    CHECK_THAT(body, Catch::EndsWith(R"({"_incomplete":{"reason":"storage","after":)" + seq + "}}\n"));
}

TEST_CASE("the fields that lines have are listed with their most frequent values, sealed or not") {
    log_service log;
    std::string body;
    for (int i = 0; i < 30; ++i)
        body += R"({"service":"A","message":"m","n":)" + std::to_string(i) + R"(,"host":"h)" +
                std::to_string(i % 3 == 0 ? 0 : i % 2) + "\"}\n";
    log.lines(body);
    const std::string expected =
        R"({"lines":30,"fields":[{"name":"host","count":30,"values":[{"value":"h0","count":20},)"
        R"({"value":"h1","count":10}]},{"name":"level","count":30,"values":[{"value":"info","count":30}]},)"
        R"({"name":"n","count":30,"values":[{"value":0,"count":1},{"value":1,"count":1},)";
    const auto plain = log.get("/fields?service=A").body;
    CHECK_THAT(plain, StartsWith(expected) && Contains(R"("more":true},{"name":"service")"));
    log.w.time.advance(std::chrono::minutes(61));
    log.post("[B] - later");
    log.w.until("they are sealed", [&] { return metric(log, "distd_log_sealed_segments_total") > 0; });
    CHECK(log.get("/fields?service=A").body == plain);
    CHECK_THAT(log.get("/fields?q=host:h1+n:<6").body, StartsWith(R"({"lines":2,)"));
    CHECK(log.get("/fields?sevice=A").status == 400);
}

TEST_CASE("over --log-retain-size the oldest lines go, are counted, and the rest is found") {
    log_service log({"--log-retain-size=64MiB"});
    // Text that hardly packs, so that the limit is reached soon.
    std::uint64_t state = 1;
    const auto noise = [&] {
        std::string text;
        for (int i = 0; i < 4000; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            text += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[state >> 58];
        }
        return text;
    };
    const auto first = log.post("[First] - line").status;
    CHECK(first == 200);
    for (int batch = 0; batch < 12; ++batch) {
        std::string body;
        for (int i = 0; i < 2000; ++i) body += R"({"service":"N","message":")" + noise() + "\"}\n";
        CHECK(log.lines(body).status == 200);
    }
    log.w.until("lines are dropped", [&] { return metric(log, "distd_log_dropped_lines_total") > 0; });
    log.w.until("what is kept is under the limit",
                [&] { return metric(log, "distd_log_stored_bytes") <= 64U << 20; });
    CHECK(metric(log, "distd_log_stored_bytes") > 40U << 20);  // and what goes at once is a small part of it
    CHECK(log.messages("?service=First").empty());
    CHECK(metric(log, "distd_log_first_line") > 1);
    CHECK_FALSE(log.messages("?service=N&limit=1").empty());
    log.w.until("it is told", [&] { return !log.get("?service=LogService&q=log_dropped").body.empty(); });
}

// Lines that have been there for a while: sealed, dropped, or on a disk that does not give them back.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "role/log_fixture.hpp"
#include "support/files.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("lines are sealed after an hour and found, counted and tailed as before") {
    log_service log;
    CHECK(log.lines(some_lines(0, 100)).status == 200);
    const auto before = log.get("?limit=1000&" + ours).body;
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(100, 20)).status == 200);
    log.w.until("the first hour's lines are sealed",
                [&] { return log.metric("distd_log_sealed_segments_total") > 0; });
    CHECK(log.get("?limit=100&" + ours).body == before);
    CHECK(log.messages("?q=%22line+77%22&" + ours) == "|line 77");
    CHECK(log.messages("?service=A&limit=2&q=99") == "|line 99");
    const auto stats = log.get("/stats?by=level&service=A");
    CHECK(stats.status == 200);
    CHECK(stats.body ==
          R"({"total":120,"counts":[{"level":"info","count":90},{"level":"warn","count":30}]})");
    auto peer = log.connect();
    peer.send("GET /log/tail?service=A&after=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::string heard;
    while (heard.find("\"message\":\"line 119\"") == std::string::npos) heard += peer.read_some();
    CHECK_THAT(heard, Contains("\"message\":\"line 5\""));
    log.restart();
    CHECK(log.get("?limit=100&" + ours).body == before);
}

TEST_CASE("with a short retention lines are sealed early") {
    log_service log({"--log-retain-age=80s"});
    CHECK(log.lines(some_lines(0, 10)).status == 200);
    log.w.time.advance(seconds(11));
    CHECK(log.lines(some_lines(10, 1)).status == 200);
    // Which of the two depends on the real time: files bear that.
    log.w.until("they are sealed, or dropped", [&] {
        return log.metric("distd_log_sealed_segments_total") + log.metric("distd_log_dropped_lines_total") >
               0;
    });
}

TEST_CASE("an answer truncated by a disk error says after which line to continue") {
    log_service log;
    CHECK(log.lines(some_lines(0, 1000)).status == 200);
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(1000, 1000)).status == 200);
    log.w.until("the first lines are sealed",
                [&] { return log.metric("distd_log_sealed_segments_total") > 0; });
    for (const auto& file : files_in(log.w.data_dir("log") + "/log/parts")) {
        std::filesystem::remove(file);
        std::filesystem::create_symlink("nowhere", file);  // it is there, and cannot be opened
    }
    const auto body = log.get("?limit=5000").body;
    CHECK_THAT(body, Contains("\"message\":\"line 1000\"") && !Contains("\"message\":\"line 999\""));
    const auto last = body.rfind("{\"seq\":");
    const auto seq = body.substr(last + 7, body.find(',', last) - last - 7);
    CHECK_THAT(body, EndsWith(R"({"_incomplete":{"reason":"storage","after":)" + seq + "}}\n"));
}

TEST_CASE("a clock that is many years ahead for a moment deletes no line") {
    log_service log(
        {"--log-retain-age=3650d"});  // files bear the real time, which is years from the fake one
    CHECK(log.lines(some_lines(0, 10)).status == 200);
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(10, 10)).status == 200);
    const auto sealed = [&] { return log.metric("distd_log_sealed_segments_total"); };
    log.w.until("the first lines are sealed", [&] { return sealed() > 0; });
    constexpr std::chrono::hours years(24 * 365 * 50);
    log.w.time.jump_wall(years);
    const auto before = sealed();
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(20, 10)).status == 200);
    log.w.until("the upkeep has run", [&] { return sealed() > before; });
    log.w.time.jump_wall(-years);
    CHECK(log.metric("distd_log_dropped_lines_total") == 0);
    CHECK_THAT(log.get("/stats?service=A").body, StartsWith(R"({"total":30,)"));
}

TEST_CASE("counts say what they could not read") {
    log_service log;
    CHECK(log.lines(some_lines(0, 1000)).status == 200);
    log.w.time.advance(std::chrono::minutes(61));
    CHECK(log.lines(some_lines(1000, 10)).status == 200);
    log.w.until("the first lines are sealed",
                [&] { return log.metric("distd_log_sealed_segments_total") > 0; });
    const std::string of_a = "service=A&by=service";
    CHECK(log.get("/stats?" + of_a).body == R"({"total":1010,"counts":[{"service":"A","count":1010}]})");
    const std::filesystem::path part = files_in(log.w.data_dir("log") + "/log/parts").front();
    const auto check_told = [&](const std::string& body, const std::string& beginning) {
        const auto file = part.filename().string();
        CHECK_THAT(body, StartsWith(beginning) && Contains(R"("incomplete":"damage")") &&
                             Contains(R"("damaged":[{"file":")" + file + R"(","offset":)") &&
                             Contains(R"(,"bytes":)") && Contains(R"(,"reason":")"));
    };
    const auto text = text_of(part);
    auto changed = text;
    for (std::size_t at = 1000; at < text.size() / 2; ++at) changed[at] ^= 1;
    write_file(part, changed);
    // The block's head alone gives the first.
    CHECK_THAT(log.get("/stats?" + of_a).body, StartsWith(R"({"total":1010,)") && !Contains("damage"));
    check_told(log.get("/stats?q=line&" + of_a).body, R"({"total":10,)");
    check_told(log.get("/fields?service=A").body, R"({"lines":10,)");
    CHECK_THAT(log.get("/stats?q=line&from=2027-01-15T08:30:00Z&" + of_a).body, !Contains("damage"));

    // Neither its index nor its blocks are there when it is opened.
    log.w.stop("log");
    changed.replace(16, changed.size() - 16, changed.size() - 16, 'x');
    write_file(part, changed);
    log.w.start("log", "log");
    check_told(log.get("/stats?" + of_a).body, R"({"total":10,)");
}

TEST_CASE("beyond --log-retain-size the oldest lines are removed and counted") {
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
    log.w.until("lines are dropped", [&] { return log.metric("distd_log_dropped_lines_total") > 0; });
    log.w.until("what is kept is under the limit",
                [&] { return log.metric("distd_log_stored_bytes") <= 64U << 20; });
    CHECK(log.metric("distd_log_stored_bytes") > 40U << 20);  // and what goes at once is a small part of it
    CHECK(log.messages("?service=First").empty());
    CHECK(log.metric("distd_log_first_line") > 1);
    CHECK_FALSE(log.messages("?service=N&limit=1").empty());
    log.w.until("it is told", [&] { return !log.get("?service=LogService&q=log_dropped").body.empty(); });
}

// Questions to the log: what is found, in which order, page by page, and what is wrong with a wrong one.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("lines are searched with words, fields and expressions, and shown as plain text on request") {
    log_service log;
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
    CHECK(text.body ==
          "2027-01-15T08:00:00.000000Z INFO  A: payment failed  status=500  _from=\"127.0.0.1 json\"\n");
    const auto wrong = log.get("?q=(a");
    CHECK(wrong.status == 400);
    CHECK_THAT(wrong.body, Contains("q, at character 3: expected ')', found the end"));

    auto peer = log.connect();
    peer.send("GET /log/tail?q=status:500+payment HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::string heard;
    while (heard.find(": ready") == std::string::npos) heard += peer.read_some();
    log.lines("{\"message\":\"payment\",\"status\":200}\n{\"message\":\"payment\",\"status\":500}\n");
    while (heard.find("\"status\":500") == std::string::npos) heard += peer.read_some();
    CHECK_THAT(heard, !Contains("\"status\":200"));
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

TEST_CASE("an invalid query is answered with what is wrong") {
    log_service log;
    for (const auto* query : {"?limit=0", "?limit=x", "?order=up", "?from=today", "?after=-1", "?sevice=A"}) {
        const auto a = log.get(query);
        CHECK(a.status == 400);
        CHECK_THAT(a.body, Contains("expected"));
    }
    const std::pair<const char*, const char*> known[]{
        {"", "service, level, trace, q, case, after, from, to, limit, order, format"},
        {"/tail", "service, level, trace, q, case, after"},
        {"/stats", "by, bucket, service, level, trace, q, case, from, to"},
        {"/fields", "by, bucket, service, level, trace, q, case, from, to"},
        {"/context", "seq, before, after, same_service, service, level, trace, q, case"}};
    for (const auto& [path, names] : known)
        CHECK_THAT(log.get(std::string(path) + "?sevice=A").body,
                   Contains("the query: expected one of " + std::string(names) + ", found 'sevice'"));
    CHECK(log.get("/tail?limit=1").status == 400);
    for (const auto* path : {"/log", "/log/tail", "/log/stats", "/log/fields", "/log/context"}) {
        const auto twice = log.w.http("GET", log.url() + path + "?level=info&level=warn&seq=1");
        CHECK(twice.status == 400);
        CHECK_THAT(twice.body, Contains("level occurs twice"));
    }
}

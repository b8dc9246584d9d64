// The way in of shippers for Elasticsearch, answered as Elasticsearch answers.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

http_answer ask(log_service& log, const std::string& path, const std::string& headers = {},
                const std::string& method = "GET") {
    return exchange(
        method, log.url() + path, {}, {}, [&log] { log.w.pump(); }, headers);
}

}  // namespace

TEST_CASE("a bulk is answered as Elasticsearch answers it, on every path that shippers use") {
    log_service log;
    for (const auto* path : {"/_bulk", "/logs/_bulk", "/elasticsearch/_bulk", "/elasticsearch/logs/_bulk",
                             "/_bulk?filter_path=errors,items.*.error,items.*.status",
                             "/_bulk/?pipeline=parse", "/logs/_bulk/"}) {
        const auto a = log.send(path, bulk, "application/x-ndjson");
        CHECK(a.status == 200);
        CHECK(a.header("X-Elastic-Product") == "Elasticsearch");
        CHECK_THAT(a.body, Contains(R"("errors":false,"items":[{"create":{"_index":"logs","_id":")"));
    }
    CHECK(log.messages("?service=A&order=oldest&limit=2") == "|one|two");
    CHECK(log.metric("distd_log_records_total{way=\"elasticsearch\"}") == 14);
}

TEST_CASE("invalid items of a bulk are reported, and only valid ones stored") {
    log_service log;
    const auto some = log.send("/_bulk", bulk + "{\"create\":{}}\n[]\n");
    CHECK(some.status == 200);
    CHECK_THAT(some.body, Contains(R"("errors":true)") && Contains(R"("status":400,"error":{"type":)"));
    CHECK(log.messages("?service=A") == "|two|one");
    const auto broken = log.send("/_bulk", "{\"message\":\"no action\"}\n");
    CHECK(broken.status == 400);
    CHECK_THAT(broken.body, Contains("line 1: expected an action"));
    CHECK(log.send("/_bulk", "").status == 400);
    CHECK(log.metric("distd_log_refused_records_total{way=\"elasticsearch\"}") == 2);
}

TEST_CASE("the probes of Elasticsearch clients are answered, and a browser gets a page") {
    log_service log;
    const auto root = ask(log, "/");
    CHECK(root.status == 200);
    CHECK_THAT(root.body, Contains(R"("number":"8.9.0")") && Contains("You Know, for Search"));
    CHECK(root.header("X-Elastic-Product") == "Elasticsearch");
    CHECK(ask(log, "/", {}, "HEAD").status == 200);
    CHECK_THAT(ask(log, "/", "Accept: text/html,*/*\r\n").body, Contains("<h1>Log service</h1>"));
    for (const auto* path : {"/elasticsearch", "/elasticsearch/", "/_license", "/_xpack", "/_ilm/policy/x",
                             "/_index_template/x", "/_ingest/pipeline/x", "/_nodes/http", "/_cat/health",
                             "/_cluster/health", "/_data_stream/x", "/_alias/x", "/elasticsearch/_license"})
        CHECK(ask(log, path).status == 200);
    CHECK(ask(log, "/ready").body == "ready\n");
}

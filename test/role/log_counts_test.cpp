// Lines counted instead of shown: by level, service and time, and by the values of their fields.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

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

TEST_CASE("the fields that lines have are listed with their most frequent values, sealed or not") {
    log_service log;
    std::string body;
    for (int i = 0; i < 30; ++i)
        body += R"({"service":"A","message":"m","n":)" + std::to_string(i) + R"(,"host":"h)" +
                std::to_string(i % 3 == 0 ? 0 : i % 2) + "\"}\n";
    log.lines(body);
    const std::string expected =
        R"({"lines":30,"fields":[{"name":"_from","count":30,"values":)"
        R"([{"value":"127.0.0.1 json","count":30}]},)"
        R"({"name":"host","count":30,"values":[{"value":"h0","count":20},)"
        R"({"value":"h1","count":10}]},{"name":"level","count":30,"values":[{"value":"info","count":30}]},)"
        R"({"name":"n","count":30,"values":[{"value":0,"count":1},{"value":1,"count":1},)";
    const auto plain = log.get("/fields?service=A").body;
    CHECK_THAT(plain, StartsWith(expected) && Contains(R"("more":true},{"name":"service")"));
    log.w.time.advance(std::chrono::minutes(61));
    log.post("[B] - later");
    log.w.until("they are sealed", [&] { return log.metric("distd_log_sealed_segments_total") > 0; });
    CHECK(log.get("/fields?service=A").body == plain);
    CHECK_THAT(log.get("/fields?q=host:h1+n:<6").body, StartsWith(R"({"lines":2,)"));
    CHECK(log.get("/fields?sevice=A").status == 400);
}

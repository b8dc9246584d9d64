// The ways in of Loki and of OpenTelemetry, each answered as its own clients expect.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("a Loki push is answered with 204, and with 400 when not all of it could be stored") {
    log_service log;
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
    CHECK(log.messages("?" + ours) == "|x|y");
}

TEST_CASE("OTLP gets partialSuccess for rejected records, and 415 for protobuf") {
    log_service log;
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
    CHECK(log.messages("?" + ours) == "|x|y");
}

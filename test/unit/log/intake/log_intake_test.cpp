// What shippers send, and what becomes of it.
#include <catch2/catch.hpp>

#include "role/log/intake/elastic_bulk.hpp"
#include "role/log/intake/inflate.hpp"
#include "role/log/intake/loki_push.hpp"
#include "role/log/intake/otlp_logs.hpp"
#include "role/log/intake/syslog.hpp"
#include "support/gzip.hpp"

using namespace distd::logs;
using distd::test::gzip;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t now = 1'800'000'000'000'000'000;  // 2027-01-15T08:00:00Z

}  // namespace

TEST_CASE("a bulk as rsyslog sends it is answered item by item") {
    const auto b = read_elastic_bulk(
        "{\"index\":{\"_index\": \"logs\"}}\n"
        R"({"message":"a","host":"vm","severity":"info","@timestamp":"2026-11-20T10:11:18.224771+00:00"})"
        "\n\n{\"create\":{}}\n{\"message\":\"b\"}\n\n",
        now);
    CHECK(b.malformed.empty());
    CHECK(b.lines == R"({"time":"2026-11-20T10:11:18.224771Z","level":"info","message":"a","host":"vm"})"
                     "\n"
                     R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","message":"b"})"
                     "\n");
    CHECK(render_bulk_answer(b, 7, 3) ==
          R"({"took":3,"errors":false,"items":[{"index":{"_index":"logs","_id":"7","status":201}},)"
          R"({"create":{"_id":"8","status":201}}]})");
}

TEST_CASE("invalid items of a bulk are rejected individually") {
    const auto b = read_elastic_bulk(
        "{\"create\":{}}\nnonsense\n{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{}}\n{\"delete\":{}}\n"
        "{\"create\":{}}\n{\"message\":\"kept\"}\n{\"create\":{}}\n",
        now);
    CHECK(b.accepted == 1);
    CHECK(b.refused == 4);
    REQUIRE(b.items.size() == 5);
    CHECK(b.items[0].refusal == "not JSON: unexpected 'n' at column 1");
    CHECK(b.items[1].refusal ==
          "lines are not changed afterwards: 'update' is not taken, 'create' and 'index' are");
    CHECK(b.items[3].refusal.empty());
    CHECK(b.items[4].refusal == "its document is missing");
    CHECK(b.reported[0].line == 2);
    const auto answer = render_bulk_answer(b, 9, 0);
    CHECK_THAT(answer,
               Catch::StartsWith(R"({"took":0,"errors":true,"items":[{"create":{"status":400,"error":)"
                                 R"({"type":"mapper_parsing_exception","reason":"not JSON)"));
    CHECK_THAT(answer, Catch::Contains(R"({"create":{"_id":"9","status":201}})"));
}

TEST_CASE("further members of a bulk action are ignored, as winston's transport needs") {
    const auto b = read_elastic_bulk(
        "{\"index\":{\"_index\":\"logs\",\"pipeline\":null},\"attempts\":0}\n{\"message\":\"a\"}\n", now);
    CHECK(b.malformed.empty());
    CHECK(b.accepted == 1);
    CHECK(b.items[0].index == "\"logs\"");
}

TEST_CASE("a bulk without actions is refused as a whole, with the line") {
    for (const auto* body : {"{\"message\":\"a\"}\n", "{\"create\":5}\n{}\n", "[]\n",
                             "{\"create\":{}} x\n{}\n", "{\"create\":{},\"index\":{}}\n{}\n"}) {
        const auto b = read_elastic_bulk(body, now);
        CHECK_THAT(b.malformed, Catch::StartsWith("line 1: expected an action like"));
        CHECK(b.lines.empty());
    }
    CHECK(read_elastic_bulk("\n\n", now).items.empty());
}

TEST_CASE("a Loki push becomes records: labels name the service and the level, the rest are fields") {
    const auto b = read_loki_push(
        R"({"streams":[{"stream":{"app":"cart","level":"WARNING","zone":"eu"},"values":[)"
        R"(["1570818238000000000","one \"x\""],["1570818238000000001","two",{"trace_id":"0242ac"}]]},)"
        R"({"values":[["x","no time"],["1570818238000000002"],["1570818238000000003","three",{},5]]}]})",
        now);
    CHECK(b.malformed.empty());
    CHECK(b.lines ==
          R"({"time":"2019-10-11T18:23:58.000000Z","level":"warn","service":"cart","message":"one \"x\"",)"
          R"("zone":"eu"})"
          "\n"
          R"({"time":"2019-10-11T18:23:58.000000001Z","level":"warn","service":"cart","trace":"0242ac",)"
          R"("message":"two","zone":"eu"})"
          "\n");
    CHECK(b.refused == 3);
    CHECK(b.reported[0].line == 3);
    CHECK(b.reported[0].reason == "expected a time in nanoseconds since 1970 as a string, found \"x\"");
    CHECK_THAT(b.reported[2].reason, Catch::StartsWith("expected [\"nanoseconds\",\"line\"]"));
}

TEST_CASE("of a Loki push's labels the first of those that name an application is the service") {
    const auto b = read_loki_push(
        R"({"streams":[{"stream":{"job":"j","application":"cart"},"values":[["1570818238000000000","a"]]}]})",
        now);
    CHECK_THAT(b.lines, Catch::EndsWith(R"("service":"cart","message":"a","job":"j"})"
                                        "\n"));
}

TEST_CASE("empty parts of a Loki push may be null, as Go writes them") {
    const auto b =
        read_loki_push(R"({"streams":[{"stream":null,"values":[["1570818238000000000","a",null]]},)"
                       R"({"stream":{},"values":null}]})",
                       now);
    CHECK(b.malformed.empty());
    CHECK(b.lines == R"({"time":"2019-10-11T18:23:58.000000Z","level":"info","message":"a"})"
                     "\n");
}

TEST_CASE("a broken character costs no other record of a push") {
    const auto loki =
        read_loki_push(R"({"streams":[{"stream":{},"values":[["1","cut \ud83d"],["2","good"]]}]})", now);
    CHECK(loki.accepted == 2);
    CHECK_THAT(loki.lines, Catch::Contains("\"cut \xef\xbf\xbd\"") && Catch::Contains("\"good\""));
    const auto otlp = read_otlp_logs(
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"\xff\"}}]}]}]}",
        now);
    CHECK_THAT(otlp.lines, Catch::Contains("\"message\":\"\xef\xbf\xbd\""));
}

TEST_CASE("a body that is not a Loki push is refused as a whole") {
    for (const auto* body : {"", "[]", "{}", R"({"streams":5})", R"({"streams":[5]})", R"({"streams":[{}]})",
                             R"({"streams":[]} x)", R"({"streams":[{"stream":[],"values":[]}]})"})
        CHECK_FALSE(read_loki_push(body, now).malformed.empty());
    CHECK(read_loki_push(R"({"streams":[]})", now).malformed.empty());
    CHECK_THAT(read_loki_push(R"({"streams":[)", now).malformed, Catch::Contains("the text ends too early"));
}

TEST_CASE("OpenTelemetry's records keep their attributes, ids and severity") {
    const auto b = read_otlp_logs(
        R"({"resourceLogs":[{"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[)"
        R"({"timeUnixNano":"1544712660300000000","severityNumber":17,"severityText":"Error",)"
        R"("traceId":"5B8EFFF798038103D269B633813FC60C",)"
        R"("spanId":"eee19b7ec3c1b174",)"
        R"("body":{"stringValue":"hello"},"attributes":[)"
        R"({"key":"n","value":{"intValue":"10"}},{"key":"message","value":{"boolValue":true}},)"
        R"({"key":"list","value":{"arrayValue":{"values":[{"intValue":1},{"stringValue":"a"}]}}}],"new":1},)"
        R"({"observedTimeUnixNano":1544712660300000001,"severityText":"NOTICE",)"
        R"("body":{"kvlistValue":{"values":[{"key":"a","value":{"doubleValue":1.5}}]}}},5]}],)"
        R"("resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}},)"
        R"({"key":"n","value":{"intValue":"1"}}]}}]})",
        now);
    CHECK(b.malformed.empty());
    CHECK(b.lines == R"({"time":"2018-12-13T14:51:00.300000Z","level":"error","service":"cart",)"
                     R"("trace":"5b8efff798038103d269b633813fc60c","message":"hello","n":10,"scope":"lib",)"
                     R"("sent_message":true,"list":[1,"a"],"span":"eee19b7ec3c1b174"})"
                     "\n"
                     R"({"time":"2018-12-13T14:51:00.300000001Z","level":"info","service":"cart",)"
                     R"("message":"{\"a\":1.5}","n":1,"scope":"lib"})"
                     "\n");
    CHECK(b.refused == 1);
    CHECK(b.reported[0].line == 3);
    const auto numbered = read_otlp_logs(
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1544712660300000000",)"
        R"("severityNumber":17,"body":{"stringValue":"no text"}}]}]}]})",
        now);
    CHECK(numbered.lines == R"({"time":"2018-12-13T14:51:00.300000Z","level":"error","message":"no text"})"
                            "\n");
    CHECK(read_otlp_logs("{}", now).malformed.empty());
    CHECK_THAT(read_otlp_logs("{", now).malformed,
               Catch::EndsWith("the text ends too early, after line 1, column 2"));
    CHECK_THAT(read_otlp_logs("[]", now).malformed, Catch::EndsWith("found: an array"));
}

TEST_CASE("OTLP values may be deeply nested") {
    std::string value = R"({"stringValue":"x"})";
    std::string meant = "\"x\"";
    for (int i = 0; i < 25; ++i) {
        value = R"({"kvlistValue":{"values":[{"key":"k","value":)" + value + "}]}}";
        meant = R"({"k":)" + meant + '}';
    }
    const auto b =
        read_otlp_logs(R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":)" +
                           value + "}]}]}]}]}",
                       now);
    CHECK(b.malformed.empty());
    CHECK_THAT(b.lines, Catch::EndsWith("\"a\":" + meant + "}\n"));
}

TEST_CASE(
    "OpenTelemetry's ids stay what they are when they are not hexadecimal; a level may be an attribute") {
    const auto b = read_otlp_logs(
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"W47/95gDgQPSabYzgT/GDA==",)"
        R"("attributes":[{"key":"level","value":{"stringValue":"ERR"}}]},)"
        R"({"severityNumber":9,"attributes":[{"key":"level","value":{"stringValue":"x"}}]}]}]}]})",
        now);
    CHECK_THAT(b.lines,
               Catch::Contains(R"("level":"error","trace":"W47/95gDgQPSabYzgT/GDA==","message":""})") &&
                   Catch::Contains(R"("level":"info","message":"","sent_level":"x"})"));
}

TEST_CASE("OTLP with unknown names or forms of lists is refused as a whole") {
    for (const auto* body :
         {R"({"resource_logs":[{"scope_logs":[]}]})", R"({"resourceLogs":{}})", R"({"resourceLogs":[5]})",
          R"({"resourceLogs":[{"instrumentationLibraryLogs":[{"logs":[{}]}]}]})",
          R"({"resourceLogs":[{"scopeLogs":"x"}]})", R"({"resourceLogs":[{"scopeLogs":["x"]}]})",
          R"({"resourceLogs":[{"scopeLogs":[{"log_records":[{}]}]}]})",
          R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]},{"logRecords":{"body":{}}}]}]})",
          R"({"resourceLogs":[{"resource":{"attributes":{"a":1}},"scopeLogs":[{"logRecords":[{}]}]}]})"}) {
        INFO(body);
        const auto b = read_otlp_logs(body, now);
        CHECK(b.accepted == 0);
        CHECK(b.lines.empty());
        CHECK_FALSE(b.malformed.empty());
    }
    CHECK(read_otlp_logs(R"({"resource_logs":[]})", now).malformed ==
          "resourceLogs is missing, found 'resource_logs'");
    for (const auto* body : {R"({"resourceLogs":null})", R"({"resourceLogs":[{}]})",
                             R"({"resourceLogs":[{"scopeLogs":[{"scope":{},"schemaUrl":""}]}]})"}) {
        INFO(body);
        CHECK(read_otlp_logs(body, now).malformed.empty());
    }
}

TEST_CASE(
    "OpenTelemetry's values without their wrapping and severities by name are taken, bad attributes not") {
    const auto b = read_otlp_logs(
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"bare",)"
        R"("attributes":[{"key":"a","value":"b"}]},)"
        R"({"body":{"stringValue":"c"},"attributes":{"d":1}},{"attributes":[{"value":{"stringValue":"e"}}]},)"
        R"({"severityNumber":"SEVERITY_NUMBER_WARN2","severityText":"Careful","body":{}}]}]}]})",
        now);
    CHECK(b.accepted == 2);
    CHECK_THAT(b.lines, Catch::Contains(R"("message":"bare","a":"b"})") &&
                            Catch::Contains(R"("level":"warn","message":"","severity":"Careful"})"));
    REQUIRE(b.reported.size() == 2);
    CHECK(b.reported[0].line == 2);
    CHECK(b.reported[0].reason == R"(attributes: expected [{"key":"name","value":{"stringValue":"text"}}])");
    CHECK(b.reported[1].line == 3);
}

TEST_CASE("an invalid OTLP time is kept as sent, and the time of arrival is used") {
    const auto b = read_otlp_logs(
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"soon","body":{"stringValue":"a"}},)"
        R"({"timeUnixNano":"0","body":{"stringValue":"b"}}]}]}]})",
        now);
    CHECK(b.accepted == 2);
    CHECK_THAT(b.lines, Catch::Contains(R"("message":"a","timeUnixNano":"soon"})") &&
                            Catch::Contains("\"message\":\"b\"}\n"));
}

TEST_CASE("a compressed body is inflated up to a limit, and a broken one is refused") {
    const auto packed = gzip("hello");
    CHECK(inflate_body(packed, 100).text == "hello");
    CHECK(inflate_body(packed + packed, 100).text == "hellohello");
    CHECK(inflate_body(packed, 5).text == "hello");
    CHECK(inflate_body(packed, 4).is_too_large);
    const auto large = gzip(std::string(1'000'000, 'x'));
    CHECK(inflate_body(large, 1'000'000).text.size() == 1'000'000);
    CHECK(inflate_body(large, 999'999).is_too_large);
    for (std::size_t size = 0; size < packed.size(); ++size)
        CHECK_FALSE(inflate_body(packed.substr(0, size), 100).error.empty());
    CHECK_FALSE(inflate_body("plain text", 100).error.empty());
}

TEST_CASE("every intake API stores where a line came from, whatever its sender says") {
    const std::string from = R"(,"_from":"10.0.0.7 way")";
    const arrival came(now, from);
    std::string syslog;
    REQUIRE_FALSE(append_syslog_record(syslog, "<13>1 - h A - - [x y=\"z\"] text", came));
    for (const auto& lines :
         {read_elastic_bulk("{\"create\":{}}\n{\"message\":\"a\",\"_from\":\"me\"}\n", came).lines,
          read_loki_push(R"({"streams":[{"stream":{"_from":"me"},"values":[["1","a"]]}]})", came).lines,
          read_otlp_logs(R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[)"
                         R"({"key":"_from","value":{"stringValue":"me"}}]}]}]}]})",
                         came)
              .lines,
          read_text("a", came).lines, read_json_document(R"([{"message":"a"}])", came).lines, syslog}) {
        CHECK_THAT(lines, Catch::EndsWith(from + "}\n"));
        CHECK(lines.find(R"("_from":"me")") == std::string::npos);
    }
}

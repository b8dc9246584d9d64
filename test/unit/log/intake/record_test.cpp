// How sent records become lines of the journal, and why some do not.
#include <catch2/catch.hpp>

#include "base/log_levels.hpp"
#include "role/log/intake/batch.hpp"
#include "role/log/intake/field_list.hpp"
#include "role/log/intake/record.hpp"
#include "role/log/line/timestamp.hpp"
#include "support/json_record.hpp"

using distd::normal_level;
using namespace distd::logs;

namespace {

constexpr std::int64_t now = 1'800'000'000'000'000'000;  // 2027-01-15T08:00:00Z
const std::string now_text = "2027-01-15T08:00:00.000000Z";

std::string from_text(std::string_view body) {
    std::string out;
    append_text_record(out, body, now);
    return out;
}

std::string from_json(std::string_view text) {
    std::string out;
    const auto refused = append_json_record(out, text, now);
    if (refused) CHECK(out.empty());
    return refused ? "refused: " + *refused : out;
}

std::string info(const std::string& rest) {
    return R"({"time":")" + now_text + R"(","level":"info",)" + rest + "}\n";
}

}  // namespace

TEST_CASE("a text names its source in brackets and is kept as sent, save for its line end") {
    CHECK(from_text("[GradingService] - POST /students - grade \"A\"\n") ==
          info(R"("service":"GradingService","message":"POST /students - grade \"A\"")"));
    CHECK(from_text("[Log Service] -  two  spaces \r\n") ==
          info(R"("service":"Log Service","message":" two  spaces ")"));
    CHECK(from_text("[A] - first\nsecond\n\n") == info(R"("service":"A","message":"first\nsecond\n")"));
    CHECK(from_text("[A] - ") == info(R"("service":"A","message":"")"));
}

TEST_CASE("a text without a valid source prefix is a message") {
    for (const auto* text :
         {"hello", "[A]- x", "[] - x", "[A\nB] - x", "[A[B]] - x", "A] - x", "[A", "x [A] - y"}) {
        std::string quoted = text;
        if (const auto at = quoted.find('\n'); at != std::string::npos) quoted.replace(at, 1, "\\n");
        CHECK(from_text(text) == info(R"("message":")" + quoted + '"'));
    }
    CHECK(from_text("\n") == info(R"("message":"")"));
    CHECK(from_text("bad \xff byte") == info("\"message\":\"bad \xef\xbf\xbd byte\""));
}

TEST_CASE("a JSON record keeps every field it was sent with") {
    CHECK(
        from_json(R"({"time":"2026-01-02T03:04:05+01:00","service":"cart","level":"WARNING","message":"m",)"
                  R"("trace":"ab","status":500,"nested":{"a":[1,2.5,null]},"user id":"x\ny"})") ==
        R"({"time":"2026-01-02T02:04:05.000000Z","level":"warn","service":"cart","trace":"ab","message":"m",)"
        R"("status":500,"nested":{"a":[1,2.5,null]},"user id":"x\ny"})"
        "\n");
    CHECK(from_json(R"({"Message":"m","SERVICE":"s","Level":null})") ==
          info(R"("service":"s","message":"m")"));
    CHECK(from_json(R"({"code":7})") == info(R"("message":"","code":7)"));
    CHECK(from_json(R"({"message":"m","seq":12})") == info(R"("message":"m","sent_seq":12)"));
}

TEST_CASE("field names of shippers are mapped, or kept as further fields if invalid") {
    CHECK(from_json(R"({"@timestamp":"2026-01-02T03:04:05Z","msg":"m","severity":"ERR","service.name":"s",)"
                    R"("trace_id":"ab","log":"l"})") ==
          R"({"time":"2026-01-02T03:04:05.000000Z","level":"error","service":"s","trace":"ab","message":"m",)"
          R"("log":"l"})"
          "\n");
    CHECK(from_json(R"({"message":"m","msg":7,"date":"soon","severity":8,"log":{"file":"x"}})") ==
          info(R"("message":"m","msg":7,"date":"soon","severity":8,"log":{"file":"x"})"));
    std::string shipped;
    CHECK_FALSE(append_json_record(shipped, R"({"service":{"type":"x"},"level":8,"message":["m"],"msg":"n"})",
                                   now, record_style::shipped));
    CHECK(shipped ==
          info(R"("message":"n","sent_service":{"type":"x"},"sent_level":8,"sent_message":["m"])"));
}

TEST_CASE("the formats of common loggers are understood") {
    CHECK(from_json(R"({"level":50,"time":1767323045678,"pid":1,"msg":"pino"})") ==
          R"({"time":"2026-01-02T03:04:05.678000Z","level":"error","message":"pino","pid":1})"
          "\n");
    CHECK(from_json(R"({"level":"dpanic","ts":"2026-01-02T03:04:05.678+0100","msg":"zap"})") ==
          R"({"time":"2026-01-02T02:04:05.678000Z","level":"fatal","message":"zap"})"
          "\n");
    CHECK(from_json(R"({"@t":"2026-01-02T03:04:05.1234567Z","@mt":"a {N}","@l":"Error","@tr":"ab","N":1})") ==
          R"({"time":"2026-01-02T03:04:05.123456700Z","level":"error","trace":"ab","message":"a {N}","N":1})"
          "\n");
    CHECK(from_json(R"({"Level":"Warning","MessageTemplate":"a {N}","RenderedMessage":"a 1"})") ==
          R"({"time":"2027-01-15T08:00:00.000000Z","level":"warn","message":"a 1","MessageTemplate":"a {N}"})"
          "\n");
    CHECK(from_json(R"({"levelname":"ERROR","asctime":"2026-01-02 03:04:05,678","message":"python"})") ==
          R"({"time":"2026-01-02T03:04:05.678000Z","level":"error","message":"python"})"
          "\n");
    CHECK(from_json(R"({"event":"signed_in","timestamp":"2026-01-02T03:04:05Z","user":7})") ==
          R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":"signed_in","user":7})"
          "\n");
    CHECK(from_json(R"({"event":"click","message":"m"})") == info(R"("message":"m","event":"click")"));
    CHECK(from_json(R"({"event":{"kind":"x"}})") == info(R"("message":"","event":{"kind":"x"})"));
    CHECK(from_json(R"({"@level":"warn","@message":"raft","@timestamp":"2026-01-02T03:04:05Z"})") ==
          R"({"time":"2026-01-02T03:04:05.000000Z","level":"warn","message":"raft"})"
          "\n");
    CHECK(
        from_json(R"({"message":"monolog","level":300,"level_name":"WARNING",)"
                  R"("datetime":"2026-01-02T03:04:05.678901+01:00"})") ==
        R"({"time":"2026-01-02T02:04:05.678901Z","level":"warn","message":"monolog","level_name":"WARNING"})"
        "\n");
    CHECK(from_json(R"({"version":"1.1","short_message":"gelf","timestamp":1767323045.678,"level":3})") ==
          R"({"time":"2026-01-02T03:04:05.678000Z","level":"error","message":"gelf","version":"1.1"})"
          "\n");
    CHECK(from_json(R"({"timeMillis":1767323045678,"level":"INFO","message":"log4j"})") ==
          R"({"time":"2026-01-02T03:04:05.678000Z","level":"info","message":"log4j"})"
          "\n");
    CHECK(from_json(R"({"MESSAGE":"journal","PRIORITY":"3","SYSLOG_IDENTIFIER":"cron","_PID":"7",)"
                    R"("__REALTIME_TIMESTAMP":"1767323045678901"})") ==
          R"({"time":"2026-01-02T03:04:05.678901Z","level":"error","service":"cron","message":"journal",)"
          R"("_PID":"7"})"
          "\n");
    CHECK(from_json(R"({"message":"m","priority":"3"})") == info(R"("message":"m","priority":"3")"));
    CHECK(normal_level("7") == "debug");
    CHECK(normal_level("8") == "8");
    CHECK(from_json(R"({"level":35})") == "refused: level: expected a string, found a number");
}

TEST_CASE("field names stay unique, however often lines are exported and imported") {
    CHECK(from_json(R"({"message":"m","seq":1,"sent_seq":2,"sent_sent_seq":3})") ==
          info(R"("message":"m","sent_sent_sent_seq":1,"sent_seq":2,"sent_sent_seq":3)"));
    field_list fields;
    fields.set_text("sent_time", "a");
    fields.set_text("time", "b");
    std::string out;
    record_writer record(out, now, "", "", "", "m");
    fields.add_to(record);
    record.finish(now);
    CHECK(out == info(R"("message":"m","sent_time":"a","sent_sent_time":"b")"));
}

TEST_CASE("invalid characters in a string are replaced, the rest is kept") {
    const std::string mended = "\xef\xbf\xbd";
    CHECK(from_json(R"({"message":"a\ud83d b","x":{"y":"\udc80","z":"\ud83d\ud83d\ude00"}})") ==
          info("\"message\":\"a" + mended + " b\",\"x\":{\"y\":\"" + mended + "\",\"z\":\"" + mended +
               "\xf0\x9f\x98\x80\"}"));
    CHECK(from_json("{\"message\":\"a\xff\",\"b\xc3\":[\"\xe2\x82\"]}") ==
          info("\"message\":\"a" + mended + "\",\"b" + mended + "\":[\"" + mended + mended + "\"]"));
    CHECK(from_json("{\"message\":\"a\"\xff}").starts_with("refused: not JSON"));
}

TEST_CASE("a record may be nested a hundred and twenty-eight deep") {
    const auto nested = [](std::size_t levels) {
        return R"({"a":)" + std::string(levels, '[') + std::string(levels, ']') + '}';
    };
    CHECK(from_json(nested(127)) == info(R"("message":"",)" + nested(127).substr(1, nested(127).size() - 2)));
    CHECK_THAT(from_json(nested(128)), Catch::Equals("refused: nested deeper than 128"));
    CHECK(from_json(nested(127) + "x") == "refused: not JSON");
}

TEST_CASE("Elastic's fields are understood as objects, too, and the objects are kept") {
    for (const auto style : {record_style::ours, record_style::shipped}) {
        std::string out;
        CHECK_FALSE(append_json_record(
            out,
            R"({"message":"m","log":{"level":"WARN","offset":3},"service":{"name":"cart","type":"log"},)"
            R"("trace":{"id":"ab"}})",
            now, style));
        CHECK(out == R"({"time":"2027-01-15T08:00:00.000000Z","level":"warn","service":"cart","trace":"ab",)"
                     R"("message":"m","log":{"level":"WARN","offset":3},)"
                     R"("sent_service":{"name":"cart","type":"log"},"sent_trace":{"id":"ab"}})"
                     "\n");
    }
    CHECK(from_json(R"({"level":"error","log":{"level":"info"}})").find(R"("level":"error","message")") !=
          std::string::npos);
    CHECK(from_json(R"({"service":{"name":5}})") == "refused: service: expected a string, found an object");
}

TEST_CASE("a time may be a number since 1970, whose size determines its unit") {
    const auto time_of = [](const std::string& number) {
        return from_json("{\"time\":" + number + "}").substr(9, 27);
    };
    CHECK(time_of("1767323045") == "2026-01-02T03:04:05.000000Z");
    CHECK(time_of("1767323045.25") == "2026-01-02T03:04:05.250000Z");
    CHECK(time_of("1767323045250") == "2026-01-02T03:04:05.250000Z");
    CHECK(time_of("1767323045250001") == "2026-01-02T03:04:05.250001Z");
    CHECK(time_of("\"1767323045250001000\"") == "2026-01-02T03:04:05.250001Z");
    CHECK(time_of("1.76732304525E9") == "2026-01-02T03:04:05.250000Z");
    CHECK(time_of("17673230452.5e-1") == "2026-01-02T03:04:05.250000Z");
    CHECK(time_of("1.76732304525e+12") == "2026-01-02T03:04:05.250000Z");
    CHECK(parse_epoch("9214646399999999999"));
    for (const auto* no : {"", ".5", "5.", "-1", "-1e9", "1e19", "1e400", "1e", "e", "1.7e9x",
                           "9999999999999999999", "12345678901234567890"})
        CHECK_FALSE(parse_epoch(no));
}

TEST_CASE("stored records are minimal and contain no control characters") {
    CHECK(
        from_json(" { \"message\" : \"\\u0041\\/\\ud83d\\ude00\" , \"a b\" : [ 1 , { \"c\" : null } ] } ") ==
        info("\"message\":\"A/\xf0\x9f\x98\x80\",\"a b\":[1,{\"c\":null}]"));
    CHECK(from_json("{\"message\":\"\x7f \xc2\x85 \xe2\x80\xa8 \xc3\xa9\"}") ==
          info(R"("message":"\u007f \u0085 \u2028 )"
               "\xc3\xa9\""));
    CHECK(from_json(R"({"x":12345678901234567890.10,"x":2,"message":"a","message":"b"})") ==
          info(R"("message":"b","x":2)"));
    CHECK(from_json(R"({"x":12345678901234567890.10})") ==
          info(R"("message":"","x":12345678901234567890.10)"));
}

TEST_CASE("a JSON record that cannot be stored is refused with the reason") {
    CHECK(from_json("{") == "refused: not JSON: the text ends too early, after column 2");
    CHECK(from_json("[1]") == "refused: expected an object, found an array");
    CHECK(from_json("{}") == "refused: the object is empty");
    CHECK(from_json(R"({"message":5})") == "refused: message: expected a string, found a number");
    CHECK(from_json(R"({"level":{}})") == "refused: level: expected a string, found an object");
    CHECK(from_json(R"({"time":"yesterday"})") ==
          R"(refused: time: expected RFC 3339 like 2026-01-02T03:04:05.678Z or seconds since 1970, found )"
          R"("yesterday")");
    CHECK(from_json(R"({"time":-1})") ==
          "refused: time: expected RFC 3339 like 2026-01-02T03:04:05.678Z or seconds since 1970, found -1");
    CHECK(from_json(R"({"time":[]})") == "refused: time: expected a string or a number, found an array");
    CHECK(from_json(R"({"level":")" + std::string(33, 'x') + R"("})") ==
          "refused: level: has 33 bytes, allowed are 32");
    CHECK(from_json(R"({"message":")" + std::string(max_line, 'x') + R"("})") ==
          "refused: has 262158 bytes, allowed are 262144");
    std::string many = "{\"f0\":0";
    for (int i = 1; i <= 256; ++i) many += ",\"f" + std::to_string(i) + "\":0";
    CHECK(from_json(many + "}") == "refused: has 257 fields, allowed are 256");
}

TEST_CASE("each refused record of a batch is named by its line, the others are taken") {
    const auto b = read_json_lines("{\"message\":\"a\"}\r\n\n nonsense\n{\"message\":\"b\"}\n{}", now);
    CHECK(b.accepted == 2);
    CHECK(b.refused == 2);
    CHECK(b.lines == info(R"("message":"a")") + info(R"("message":"b")"));
    REQUIRE(b.reported.size() == 2);
    CHECK(b.reported[0].line == 3);
    CHECK(b.reported[0].reason == "not JSON: unexpected 'n' at column 1");
    CHECK(b.reported[1].line == 5);
    CHECK(b.malformed.empty());
}

TEST_CASE("all refused records are counted, the first ten thousand are listed") {
    std::string body;
    for (int i = 0; i < 12'000; ++i) body += "x\n";
    const auto b = read_json_lines(body, now);
    CHECK(b.refused == 12'000);
    REQUIRE(b.reported.size() == 10'000);
    CHECK(b.reported.back().line == 10'000);
}

TEST_CASE("JSON lines and arrays are recognised under either content type") {
    const auto lines = read_json_document("\n{\"message\":\"a\"}\n nonsense\n{\"message\":\"b\"}\n", now);
    CHECK(lines.lines == info(R"("message":"a")") + info(R"("message":"b")"));
    REQUIRE(lines.reported.size() == 1);
    CHECK(lines.reported[0].line == 3);
    const auto pretty = read_json_document("{\n \"message\":\n \"a\"\n}\n", now);
    CHECK(pretty.lines == info(R"("message":"a")"));
    const auto array = read_json_lines(" [{\"message\":\"a\"},\n5,{\"message\":\"b\"}]\n", now);
    CHECK(array.lines == info(R"("message":"a")") + info(R"("message":"b")"));
    REQUIRE(array.reported.size() == 1);
    CHECK(array.reported[0].line == 2);
    const auto neither = read_json_lines("[1]\n{\"message\":\"a\"}\n", now);
    CHECK(neither.accepted == 1);
    CHECK(neither.reported[0].line == 1);
}

TEST_CASE("objects one behind the other are records, whatever stands between them") {
    for (const auto* between : {"", " ", "\r\n\r\n"}) {
        const auto b = read_json_document(
            "{\n\"message\":\"a}{\\\"\"}" + std::string(between) + "{\n\"message\":\"b\"}\n", now);
        CHECK(b.lines == info(R"("message":"a}{\"")") + info(R"("message":"b")"));
        CHECK(b.accepted == 2);
    }
    const auto broken = read_json_document(R"({"message":"a"}{"message":5}{"message":"b"},{"x":1})", now);
    CHECK(broken.accepted == 2);
    REQUIRE(broken.reported.size() == 2);
    CHECK(broken.reported[0].line == 2);
    CHECK(broken.reported[1].line == 4);
}

TEST_CASE("a byte order mark before JSON is skipped") {
    const std::string mark = "\xef\xbb\xbf";
    for (const auto* text : {"{\"message\":\"a\"}\n", "[{\"message\":\"a\"}]"}) {
        CHECK(read_json_lines(mark + text, now).lines == info(R"("message":"a")"));
        CHECK(read_json_document(mark + text, now).lines == info(R"("message":"a")"));
    }
}

TEST_CASE("an array's elements are records, and one object alone is one record") {
    const auto b =
        read_json_document(R"( [ {"message":"a, ]}\"","x":[{"y":[]}]} , 5, {"message":"b"} ] )", now);
    CHECK(b.malformed.empty());
    CHECK(b.lines == info(R"("message":"a, ]}\"","x":[{"y":[]}])") + info(R"("message":"b")"));
    REQUIRE(b.reported.size() == 1);
    CHECK(b.reported[0].line == 2);
    CHECK(read_json_document(R"({"message":"a"})", now).lines == info(R"("message":"a")"));
    CHECK(read_json_document("[]", now).accepted == 0);
    CHECK(read_json_document(" \n", now).accepted == 0);
}

TEST_CASE("an array whose brackets do not fit is refused as a whole") {
    for (const auto* body : {"[", R"([{"message":"a"})", R"([{"message":"a"}] x)", R"([{"message":"a"}})",
                             R"([{"message":"a"},)", R"(["unfinished)"}) {
        const auto b = read_json_document(body, now);
        CHECK_FALSE(b.malformed.empty());
        CHECK(b.accepted == 0);
        CHECK(b.lines.empty());
    }
}

TEST_CASE("a stored line has _from, and a sender's field of that name is renamed") {
    const auto from = origin_member("127.0.0.1", "json", "a \"name\"");
    CHECK(from == R"(,"_from":"127.0.0.1 json a \"name\"")");
    const auto here = origin_member("127.0.0.1", "json");
    std::string out;
    REQUIRE_FALSE(append_json_record(out, R"({"message":"a","_from":"me"})", arrival(now, here)));
    CHECK(out == R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","message":"a","sent__from":"me",)"
                 R"("_from":"127.0.0.1 json"})"
                 "\n");
    out.clear();
    append_text_record(out, "a", arrival(now, here));
    CHECK_THAT(out, Catch::EndsWith(R"("message":"a","_from":"127.0.0.1 json"})"
                                    "\n"));
}

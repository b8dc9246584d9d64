// Which stored lines answer which question, and what a wrong question is told.
#include <catch2/catch.hpp>

#include "role/log/search/query.hpp"
#include "support/json_record.hpp"

using namespace distd::logs;

namespace {

using parameters = std::map<std::string, std::string, std::less<>>;

std::string stored(const std::string& json_record, std::uint64_t seq = 1) {
    std::string line;
    REQUIRE_FALSE(append_json_record(line, json_record, 1'800'000'000'000'000'000));
    return "{\"seq\":" + std::to_string(seq) + "," + line.substr(1, line.size() - 2);
}

bool answers(const parameters& p, const std::string& json_record) {
    const auto q = parse_query(p);
    REQUIRE(q.value);
    const auto text = stored(json_record);
    const auto line = read_stored_line(text);
    REQUIRE(line);
    const search_budget budget(distd::real_time());
    work_meter meter(budget);
    return q.value->filter.matches(*line, meter);
}

}  // namespace

TEST_CASE("a stored line is read back by its fixed fields") {
    const auto text =
        stored(R"({"service":"a \"b\"","trace":"t","level":"debug","message":"m\\","x":1})", 42);
    const auto l = read_stored_line(text);
    REQUIRE(l);
    CHECK(l->seq == 42);
    CHECK(l->time_ns == 1'800'000'000'000'000'000);
    CHECK(l->service == escaped("a \"b\""));
    CHECK(l->trace == "t");
    CHECK(l->level == "debug");
    CHECK(l->message == "m\\\\");
    for (std::size_t size = 0; size < text.find(",\"x\""); ++size)
        CHECK_FALSE(read_stored_line(text.substr(0, size)));
}

TEST_CASE("lines are found by service, level and trace") {
    const std::string line = R"({"service":"Log Service","level":"error","trace":"abc","message":"m"})";
    CHECK(answers({}, line));
    CHECK(answers({{"service", "Log Service"}, {"level", "error"}, {"trace", "abc"}}, line));
    CHECK(answers({{"level", "WARN,Err"}}, line));
    CHECK_FALSE(answers({{"service", "log service"}}, line));
    CHECK_FALSE(answers({{"level", "warn"}}, line));
    CHECK_FALSE(answers({{"trace", "ab"}}, line));
    CHECK_FALSE(answers({{"service", "x"}}, R"({"message":"no service"})"));
}

TEST_CASE("words are looked for in the message as it was sent, not in its escapes or in field names") {
    const std::string line = R"({"message":"line one\nGot \"it\" é \u0007","status":500})";
    for (const auto* words : {"line", "one\nGot", "\"it\"", "é", "\a"}) CHECK(answers({{"q", words}}, line));
    for (const auto* words : {"nGot", "got", "message", "500", "u0007", "\\n"})
        CHECK_FALSE(answers({{"q", words}}, line));
}

TEST_CASE("a time range includes its start and excludes its end") {
    const std::string line = R"({"time":"2026-01-02T03:04:05Z","message":"m"})";
    CHECK(answers({{"from", "2026-01-02T03:04:05Z"}, {"to", "2026-01-02T03:04:05.000001Z"}}, line));
    CHECK_FALSE(answers({{"to", "2026-01-02T03:04:05Z"}}, line));
    CHECK_FALSE(answers({{"from", "2026-01-02T03:04:05.000001Z"}}, line));
    for (const auto* unescaped :
         {"2026-01-02T04:04:05 01:00", "2026-01-02 04:04:05 0100", "2026-01-02T04:04:05 01"})
        CHECK(answers({{"from", unescaped}}, line));
    CHECK_FALSE(answers({{"from", "2026-01-02 03:04:06Z"}}, line));
    CHECK_FALSE(answers({{"from", "2026-01-02T03:04:05Z"}, {"to", "2026-01-02T03:04:05Z"}}, line));
    for (const auto* same :
         {"2026-01-02 03:04:05", "2026-01-02 04:04:05 +0100", "1767323045", "1767323045000"})
        CHECK(answers({{"from", same}, {"to", "2026-01-03"}}, line));
    CHECK_FALSE(answers({{"to", "2026-01-02"}}, line));
}

TEST_CASE("a query has defaults, and an empty parameter counts as missing") {
    const auto q = parse_query({{"service", ""}, {"after", ""}, {"limit", ""}}).value;
    REQUIRE(q);
    CHECK(q->limit == 100);
    CHECK_FALSE(q->oldest_first);
    CHECK_FALSE(q->after);
    CHECK(q->filter.service.empty());
    const auto p = parse_query({{"order", "oldest"}, {"limit", "5"}, {"after", "7"}}).value;
    REQUIRE(p);
    CHECK(p->oldest_first);
    CHECK(p->limit == 5);
    CHECK(p->after == 7);
}

TEST_CASE("an invalid parameter is named, with what is valid") {
    const auto error = [](const char* name, const char* text) { return parse_query({{name, text}}).error; };
    CHECK(error("limit", "0") == "limit: expected a number from 1 to 1000000, found '0'");
    CHECK(error("limit", "1000001") == "limit: expected a number from 1 to 1000000, found '1000001'");
    CHECK(error("after", "-1") == "after: expected the \"seq\" of a line, found '-1'");
    CHECK(error("order", "up") == "order: expected newest or oldest (desc or asc), found 'up'");
    CHECK(error("level", ",") == "level: expected a level, or several with commas, found ','");
    CHECK(error("case", "no") == "case: expected exact or ignore, found 'no'");
    CHECK(error("format", "xml") == "format: expected json or text, found 'xml'");
    CHECK(error("q", "a (b") == "q, at character 5: expected ')', found the end");
    CHECK(parse_query({{"from", "2026-01-02T03:04:06Z"}, {"to", "2026-01-02T03:04:05Z"}}).error ==
          "from: expected a time that is not after `to`, found '2026-01-02T03:04:06Z'");
    CHECK(error("from", "today") == "from: expected a time like 2026-01-02T03:04:05Z, found 'today'");
}

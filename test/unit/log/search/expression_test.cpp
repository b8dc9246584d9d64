// The language of q: which lines answer, and what is said of what it does not understand. The examples of
// docs/reference/log-search.md are among them.
#include <catch2/catch.hpp>

#include "role/log/line/plain_lines.hpp"
#include "role/log/search/expression.hpp"
#include "role/log/search/query.hpp"
#include "support/json_record.hpp"

using namespace distd::logs;

namespace {

std::string stored(const std::string& json_record) {
    std::string line;
    REQUIRE_FALSE(append_json_record(line, json_record, 1'800'000'000'000'000'000));
    return "{\"seq\":1," + line.substr(1, line.size() - 2);
}

template <class Test>
bool holds(const Test& e, const std::string& line) {
    const search_budget budget(distd::real_time());
    work_meter meter(budget);
    return e.matches(read_stored_line(line).value(), meter);
}

bool answers(const std::string& q, const std::string& json_record, bool ignores_case = false) {
    auto parsed = parse_expression(q, ignores_case);
    INFO(q);
    REQUIRE(parsed.error.empty());
    return holds(parsed.value, stored(json_record));
}

std::string error(const std::string& q) { return parse_expression(q, false).error; }

std::string words(const std::string& q, bool ignores_case = false) {
    std::string all;
    for (const auto& w : parse_expression(q, ignores_case).value.needed_words()) all += w + ' ';
    return all;
}

const std::string line =
    R"({"service":"cart","level":"error","trace":"ab12","message":"Deadlock detected at 10.0.0.1: txid=977",)"
    R"("status":500,"took_ms":12.5,"ok":true,"user":"Ann Lee","http":{"path":"/a b"},"tags":["x","y z"]})";

}  // namespace

TEST_CASE("words are whole words of the message, phrases follow each other") {
    for (const auto* q : {"Deadlock", "detected Deadlock", "\"Deadlock detected\"", "10.0.0.1", "txid=977",
                          "Dead*", "*lock", "*dlo*", "\"Deadlock det\"*", "*", "977", "at"})
        CHECK(answers(q, line));
    for (const auto* q : {"deadlock", "Dead", "lock", "\"detected Deadlock\"", "97", "tx", "*ead", "cart",
                          "500", "Deadlock missing", "\"Deadlock  detected\""})
        CHECK_FALSE(answers(q, line));
}

TEST_CASE("letter case counts unless the query says otherwise") {
    for (const auto* q :
         {"dEADLOCK", "\"deadlock DETECTED\"", "dead*", "/DEAD.*TXID/", "user:\"ann lee\"", "service:CART"})
        CHECK(answers(q, line, true));
    CHECK(answers("/(?i)dead/", line));
    CHECK_FALSE(answers("/dead/", line));
}

TEST_CASE("fields match by value, prefix, comparison or regular expression") {
    for (const auto* q : {"service:cart",   "level:error",        "level:ERR",   "trace:ab12",
                          "status:500",     "user:\"Ann Lee\"",   "user:Ann*",   "user:*Lee",
                          "ok:true",        "status:>=500",       "status:<501", "took_ms:>12",
                          "took_ms:<=12.5", "http.path:\"/a b\"", "tags:x",      "tags:\"y z\"",
                          "status:/^5../",  "service:/ar/",       "user:*",      "message:Deadlock"})
        CHECK(answers(q, line));
    for (const auto* q : {"service:car", "level:warn", "status:50", "status:<500", "status:>500", "user:Ann",
                          "user:>5", "missing:*", "missing:1", "http:x", "tags:z", "status:/^4/", "-user:*"})
        CHECK_FALSE(answers(q, line));
    CHECK(answers("a.b:1", R"({"a.b":1,"a":{"b":2}})"));
    CHECK(answers("a.b:2", R"({"x":0,"a":{"b":2}})"));
}

TEST_CASE("terms are combined with and, or, not and parentheses") {
    for (const auto* q : {"Deadlock and detected", "missing or Deadlock", "-missing", "not missing",
                          "(missing or Deadlock) service:cart", "-(missing or absent)", "a or b or Deadlock",
                          "missing OR NOT absent", "- Deadlock or at"})
        CHECK(answers(q, line));
    for (const auto* q :
         {"-Deadlock", "Deadlock -detected", "missing or Deadlock absent", "not (Deadlock or x)"})
        CHECK_FALSE(answers(q, line));
    CHECK(answers("\"or\" \"not\"", R"({"message":"to be or not"})"));
}

TEST_CASE("text that only looks like a field is a word") {
    CHECK(answers("http://host:80/x", R"({"message":"GET http://host:80/x done"})"));
    CHECK(answers("12:30:01", R"({"message":"at 12:30:01"})"));
    for (const auto* q : {"/students/90*", "/students/9001", "GET /students/9001", "/dents/", "(/dents/)"})
        CHECK(answers(q, R"({"message":"GET /students/9001 404"})"));
    CHECK_FALSE(answers("/students/90", R"({"message":"GET /students/9001 404"})"));
    CHECK(answers("path:/a/b", R"({"path":"/a/b"})"));
    CHECK(answers("/ or //", R"({"message":"a // b"})"));
    CHECK(answers("/a\\/b/", R"({"message":"a/b"})"));
    CHECK(answers("\"a \\\"b\\\" c\"", R"({"message":"a \"b\" c"})"));
    CHECK(answers("\xc3\xa9t\xc3\xa9", "{\"message\":\"un \xc3\xa9t\xc3\xa9\"}"));
    CHECK_FALSE(answers("t", "{\"message\":\"un \xc3\xa9t\xc3\xa9\"}"));
}

TEST_CASE("syntax errors have a position and what was expected") {
    CHECK(error("a )") == "at character 3: expected a word, a phrase or the end, found ')'");
    CHECK(error("(a") == "at character 3: expected ')', found the end");
    CHECK(error("()") ==
          "at character 2: expected a word, a \"phrase\", a /regex/ or field:value, found ')'");
    CHECK(error("a or") ==
          "at character 5: expected a word, a \"phrase\", a /regex/ or field:value, found the end");
    for (const std::string word : {"and", "or", "a and", "a and or b", "a or or b", "and a", "(a and)"})
        CHECK_THAT(error(word), Catch::Contains("expected a word, a \"phrase\""));
    CHECK(error("a and or b").starts_with("at character 7: "));
    CHECK(answers("\"and\" and \"or\"", R"({"message":"this and that or those"})"));
    for (const auto* name : {"time", "seq"})
        CHECK_THAT(
            error("a " + std::string(name) + ":>5"),
            Catch::StartsWith("at character 3: expected another field (times are asked for with from"));
    CHECK(error("x \"a") == "at character 3: expected a phrase with a quote at its end, found '\"a'");
    CHECK(error("\"\"") == "at character 1: expected a phrase with something in it, found '\"\"'");
    CHECK(error("level:") == "at character 7: expected a value after 'level:', found the end");
    CHECK(error("status:>x") == "at character 9: expected a number, found 'x'");
    CHECK(error("/a(/") ==
          "at character 1: expected a regular expression, which this is not (missing ): a(), found '/a(/'");
    CHECK_THAT(error(std::string(40, '(')),
               Catch::StartsWith("at character 33: expected at most 32 parentheses"));
}

TEST_CASE("words that every match must contain are known, so that blocks can be skipped") {
    const auto text = [](const std::string& q) { return parse_expression(q, false).value.needed_text(); };
    CHECK(text("a \"long one\" -\"longer than all\" user:\"longest of them all\"") == "long one");
    CHECK(text("a or b") == "");
    CHECK(parse_expression("Word", true).value.needed_text() == "");
    CHECK(words("Big \"two words\" pre* *post \"cut off\"* -no user:Ann level:warn x:/re/ n:>5") ==
          "ann big cut two words ");
    CHECK(words("(a b) or (b c)") == "b ");
    CHECK(words("WORD", true) == "word ");
    CHECK(words("\"a\\nb\"") == "a nb ");
}

TEST_CASE("a service, level or trace in q narrows the search as the parameters of that name do") {
    const auto f = parse_query({{"q", "service:cart level:WARNING trace:t x"}}).value->filter;
    CHECK(f.service == "cart");
    CHECK(f.levels == std::vector<std::string>{"warn"});
    CHECK(f.trace == "t");
    CHECK(f.words == "x");
    const auto any = parse_query({{"q", "service:cart or x"}}).value->filter;
    CHECK(any.service.empty());
    CHECK(any.words.empty());
    const auto both = parse_query({{"q", "service:a"}, {"service", "b"}}).value->filter;
    CHECK(both.service == "b");
    CHECK_FALSE(holds(both, stored(R"({"service":"b"})")));
    const auto off = parse_query({{"q", "service:CART"}, {"case", "ignore"}}).value->filter;
    CHECK(off.service.empty());
    CHECK(holds(off, stored(R"({"service":"cart"})")));
}

TEST_CASE("plain text shows a line's content without control characters that act on a terminal") {
    CHECK(plain_lines(
              stored(R"({"service":"a","level":"warn","trace":"t","message":"x \"y\"\n\u001b[2J","n":1})") +
              "\nno line of ours\n") ==
          "2027-01-15T08:00:00.000000Z WARN  a: x \"y\"\\n\\u001b[2J  trace=t  n=1\nno line of ours\n");
}

TEST_CASE("bidirectional marks and characters without a width are escaped, other characters are not") {
    const std::string before = "2027-01-15T08:00:00.000000Z INFO  ";
    CHECK(plain_lines(stored("{\"service\":\"\xe2\x80\x8f\",\"message\":\"a\xe2\x80\xae"
                             "b\xe2\x81\xa6\xe2\x81\xa9"
                             "c\",\"f\":\"\xd8\x9c\"}") +
                      "\n") == before + R"(\u200f: a\u202eb\u2066\u2069c  f="\u061c")" + "\n");
    CHECK(plain_lines(stored("{\"message\":\"ad\xe2\x80\x8bmin\xef\xbb\xbf\"}") + "\n") ==
          before + R"(ad\u200bmin\ufeff)" + "\n");
    const std::string harmless = "\xe2\x80\x90 \xe2\x82\xac \xd8\x9b \xe2\x81\xa5 \xe2\x80\xaf";
    CHECK(plain_lines(stored("{\"message\":\"" + harmless + "\"}") + "\n") == before + harmless + "\n");
}

TEST_CASE("the regular expressions of a query are limited in number and total size") {
    const auto error_of = [](const std::string& q) { return parse_expression(q, false).error; };
    std::string nine;
    for (int i = 0; i < 9; ++i) nine += "/a" + std::to_string(i) + "/ ";
    CHECK(error_of(nine.substr(0, nine.size() - 5)).empty());
    CHECK_THAT(error_of(nine), Catch::StartsWith("at character 41: expected at most 8 regular expressions"));
    std::string same;
    for (int i = 0; i < 9; ++i) same += "/a/ ";
    CHECK_THAT(error_of(same), Catch::Contains("at most 8 regular expressions"));
    CHECK(error_of("/.{900}/").empty());
    CHECK_THAT(error_of("/.{900}/ /b.{900}/"),
               Catch::StartsWith("at character 10: expected regular expressions that come "
                                 "to at most 8192 instructions"));
}

TEST_CASE("equal regular expressions of a query are one") {
    const auto e = parse_expression("/ab+/ or user:/ab+/", false).value;
    REQUIRE(e.parts.size() == 2);
    CHECK(e.parts[0].test.regex == e.parts[1].test.regex);
    CHECK(e.regexes() == 2);
    CHECK(e.cost() > 2);
}

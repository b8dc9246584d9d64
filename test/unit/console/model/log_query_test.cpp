// Which lines a page shows: from its address, to the log service's parameters, and back into links.
#include <catch2/catch.hpp>
#include <map>

#include "base/timestamp.hpp"
#include "ops/model/words.hpp"
#include "role/console/model/log_query.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::console;
using Catch::Contains;

namespace {

log_query query_of(std::map<std::string, std::string, std::less<>> parameters) {
    return read_log_query([&](std::string_view name) -> std::optional<std::string> {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::nullopt : std::optional(found->second);
    });
}

const wall_point noon = *parse_rfc3339("2026-11-21T12:00:20Z");

}  // namespace

TEST_CASE("the address of a log page says all that it shows, and nothing that is not known") {
    const auto q = query_of({{"q", "failed or status:>=500"},
                             {"service", "cart"},
                             {"level", "error,loud,warn"},
                             {"range", "24h"},
                             {"line", "88213"},
                             {"other", "x"}});
    CHECK(q.parameters() ==
          "q=failed%20or%20status%3A%3E%3D500&service=cart&level=error%2Cwarn&range=24h&line=88213");
    CHECK(q.follows());
    CHECK(query_of({{"range", "2y"}, {"from", "x"}, {"before", "-3"}}).address() == "/logs");
    CHECK_FALSE(query_of({{"before", "9"}}).follows());
}

TEST_CASE("lines and counts are asked for the same range, and by the same words for a while") {
    const auto q = query_of({{"q", "failed"}, {"level", "error"}});
    CHECK(lines_request(q, noon) == "/log?q=failed&level=error&from=2026-11-21T11%3A01%3A00Z&limit=200");
    CHECK(counts_request(q, noon) == "/log/stats?q=failed&by=level&bucket=60s&from=2026-11-21T11%3A01%3A00Z");
    CHECK(lines_request(q, noon) == lines_request(q, noon + std::chrono::seconds(30)));
    CHECK(window_of(q, noon).steps() == 60);
}

TEST_CASE("a range by its ends has at most some sixty steps, which begin where the counts do") {
    const auto q = query_of({{"from", "2026-11-21T10:00:07Z"}, {"to", "2026-11-21T10:05:00Z"}});
    const auto w = window_of(q, noon);
    CHECK(w.step == std::chrono::seconds(5));
    CHECK(w.from == *parse_rfc3339("2026-11-21T10:00:05Z"));
    CHECK(w.steps() == 59);
    CHECK_THAT(counts_request(q, noon),
               Contains("from=2026-11-21T10%3A00%3A07Z&to=2026-11-21T10%3A05%3A00Z"));
}

TEST_CASE("lines before one stand still, and the neighbours of one are asked for by its number") {
    CHECK_THAT(lines_request(query_of({{"before", "500"}}), noon), Contains("&after=500"));
    CHECK(lines_request(query_of({{"around", "7"}}), noon) == "/log/context?seq=7&before=60&after=60");
}

TEST_CASE("a value becomes a condition in the log's language") {
    CHECK(condition_of("order", "4711") == "order:4711");
    CHECK(condition_of("user", "Ann \"Lee\\") == R"(user:"Ann \"Lee\\")");
    CHECK(condition_of("message", "failed") == R"("failed")");
    CHECK(query_of({{"q", "a or b"}}).with("-user:x").text == "(a or b) -user:x");
    CHECK(query_of({}).with("user:x").text == "user:x");
}

TEST_CASE("plain words and phrases of a query are marked in a message, fields and negations are not") {
    const auto marks = [](const std::string& text, const std::string& message) {
        std::string out;
        for (const auto& piece : mark_matches(message, query_of({{"q", text}})))
            out += piece.is_match ? "[" + piece.text + "]" : piece.text;
        return out;
    };
    CHECK(marks("failed or \"2 s\"", "charge failed after 2 s") == "charge [failed] after [2 s]");
    CHECK(marks("-failed status:>=500 charg*", "charge failed") == "[charg]e failed");
    CHECK(marks("(", "charge") == "charge");
    CHECK(marks("\"", "charge") == "charge");
    CHECK(marks("failed", "Failed") == "Failed");
    auto folded = query_of({{"q", "FAILED"}, {"case", "ignore"}});
    CHECK(mark_matches("Failed", folded).front().is_match);
}

// The same question has the same answer before its lines are sealed and after: what the columns, the heads
// and the token filters of parts leave out is what the lines themselves say no to.
#include <catch2/catch.hpp>
#include <random>

#include "role/log/search/log_scan.hpp"
#include "support/json_record.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/log_on_disk.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

using parameters = std::map<std::string, std::string, std::less<>>;
using strings = std::vector<std::string>;

class random_log {
public:
    // Words, and what may stand between and in them.
    std::string record() {
        std::string r = "{\"message\":" + text();
        if (one_in(2)) r += ",\"service\":\"" + pick({"cart", "Cart", "shop \\u00e9", "a\\nb"}) + '"';
        if (one_in(3)) r += ",\"trace\":\"" + pick({"ab12", "0123456789abcdef0123456789abcdef", "x-y"}) + '"';
        if (one_in(2)) r += ",\"level\":\"" + pick({"WARN", "error", "x y"}) + '"';
        if (one_in(2)) r += ",\"user\":" + text();
        if (one_in(3)) r += ",\"status\":" + pick({"200", "404", "500", "\"500\"", "5e2", "true"});
        if (one_in(4)) r += ",\"tags\":[\"new\"," + text() + ",7]";
        if (one_in(4)) r += ",\"http\":{\"path\":" + text() + ",\"n\":{\"k\":\"a\\\\nb\"}}";
        if (one_in(9)) r += ",\"rare" + std::to_string(below(900)) + "\":" + text();
        std::string line;
        REQUIRE_FALSE(append_json_record(line, r + "}", log_on_disk::now_ns));
        // No column fits a line that ends in a blank: it is kept whole.
        if (one_in(40)) line.insert(line.size() - 1, " ");
        return line;
    }
    std::string question(std::size_t depth = 2) {
        switch (below(depth == 0 ? 3 : 7)) {
            case 3: return question(depth - 1) + ' ' + question(depth - 1);
            case 4: return '(' + question(depth - 1) + " or " + question(depth - 1) + ')';
            case 5: return '-' + question(depth - 1);
            case 6: return "not (" + question(depth - 1) + ')';
            default: return pick(atoms);
        }
    }

    static inline const strings atoms{"deadlock",
                                      "Deadlock",
                                      "dead*",
                                      "*lock",
                                      "*dloc*",
                                      "timeout",
                                      "10.0.0.1",
                                      "txid=977",
                                      "/students/7",
                                      "/students/*",
                                      "\"deadlock timeout\"",
                                      "\"timeout dead\"*",
                                      "\"\xc3\xa9t\xc3\xa9\"",
                                      "*t\xc3\xa9*",
                                      "/dead(lock)? /",
                                      "/(?i)TIME/",
                                      "/^$/",
                                      "/deadlock.*txid=9/",
                                      "/Deadlock.*txid/",
                                      "/Deadlock|timeout/",
                                      "/[Dd]eadlock/",
                                      "/10\\.0\\.0/",
                                      "/\"no\"/",
                                      "/a\\\\b/",
                                      "/lock$/",
                                      "*",
                                      "\"say \\\"no\\\"\"",
                                      "\"a\\\\b\"",
                                      "*\\*",
                                      "nb",
                                      "\"\xe2\x80\xa8\"",
                                      "_",
                                      "absent",
                                      "*abse*",
                                      "user:deadlock",
                                      "user:dead*",
                                      "user:*",
                                      "user:/lock$/",
                                      "user:\"timeout 7\"",
                                      "status:500",
                                      "status:>=404",
                                      "status:<500",
                                      "status:true",
                                      "tags:new",
                                      "tags:7",
                                      "tags:deadlock",
                                      "http.path:timeout",
                                      "http.n.k:*",
                                      "http.n:\"{\\\"k\\\":\\\"a\\\\\\\\nb\\\"}\"",
                                      "http.n.k:\"a\\\\nb\"",
                                      "service:cart",
                                      "service:CART",
                                      "service:ca*",
                                      "service:*",
                                      "-service:*",
                                      "service:\"shop \xc3\xa9\"",
                                      "level:warning",
                                      "level:info",
                                      "level:/^w/",
                                      "level:\"x y\"",
                                      "trace:ab12",
                                      "trace:*89ab*",
                                      "trace:*",
                                      "message:deadlock",
                                      "rare7:*",
                                      "Deadlock timeout",
                                      "dead -timeout"};

private:
    std::size_t below(std::size_t n) { return random_() % n; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::string pick(const strings& of) { return of[below(of.size())]; }
    std::string text() {
        static const strings words{"deadlock",   "Deadlock", "dead",   "timeout",     "10.0.0.1",
                                   "977",        "txid=977", "_",      "/students/7", "\\u00e9t\\u00e9",
                                   "\\\"no\\\"", "say",      "a\\\\b", "7",           "\\u0001"};
        static const strings gaps{" ", " ", " ", "", "\\n", "\\t", "-", "\\u2028", "\\\\", "."};
        std::string t = "\"";
        for (auto n = below(5); n > 0; --n) t += pick(words) + (n > 1 ? pick(gaps) : "");
        return t + '"';
    }

    std::mt19937 random_{20260304};
};

log_filter filter_of(const parameters& p) {
    auto q = parse_query(p);
    INFO(q.error);
    REQUIRE(q.value);
    return q.value->filter;
}

// Every line that the expression itself says yes to, without any short cut.
std::string answer_of(const std::string& lines, const std::string& q, bool ignores_case) {
    const auto asked = parse_expression(q, ignores_case);
    REQUIRE(asked.error.empty());
    const search_budget budget(real_time());
    work_meter meter(budget);
    std::string found;
    for (std::size_t at = 0; at < lines.size();) {
        const auto end = lines.find('\n', at) + 1;
        const auto text = std::string_view(lines).substr(at, end - 1 - at);
        const auto line = read_stored_line(text);
        meter.begin_line();
        if (line && asked.value.matches(*line, meter)) found += std::string(text) + '\n';
        at = end;
    }
    return found;
}

template <class Scan>
void run(Scan& scan) {
    for (bool is_end = false; !is_end;) {
        const auto p = scan.step();
        REQUIRE(p.failure.empty());
        REQUIRE(p.damaged.empty());
        is_end = p.is_end;
    }
}

struct answers {
    std::string lines;
    std::map<tally::group, std::uint64_t> counts;
    std::map<std::string, std::uint64_t> fields;
};

answers ask(log_on_disk& log, const parameters& p) {
    answers a;
    log_query q;
    q.filter = filter_of(p);
    q.oldest_first = true;
    a.lines = log.find(q);
    log_scan counts(log.parts, log.journal, filter_of(p), search_budget(log.time),
                    {log.helper, {true, true, 0}});
    run(counts);
    a.counts = counts.counts().groups();
    CHECK(counts.counts().total() ==
          static_cast<std::uint64_t>(std::count(a.lines.begin(), a.lines.end(), '\n')));
    field_scan fields(log.parts, log.journal, filter_of(p), search_budget(log.time));
    run(fields);
    for (const auto& [name, f] : fields.counts().fields()) a.fields[name] = f.count;
    return a;
}

}  // namespace

TEST_CASE("a query has the same, correct result before and after sealing") {
    test::temp_dir dir;
    constexpr std::uint64_t never_merged = 0;
    log_on_disk log(dir.path(), {{}, {never_merged}, 0}, 12'000);
    random_log random;
    for (int batch = 0; batch < 60; ++batch) {
        std::string records;
        for (int i = 0; i < 20; ++i) records += random.record();
        log.append(records);
    }
    auto questions = random_log::atoms;
    for (int i = 0; i < 150; ++i) questions.push_back(random.question());
    std::vector<parameters> asked;
    for (const auto& q : questions)
        for (const auto* letters : {"exact", "ignore"}) asked.push_back({{"q", q}, {"case", letters}});
    for (const auto& q : random_log::atoms)
        asked.push_back({{"q", q}, {"service", "cart"}, {"level", "warn"}});
    std::vector<answers> before;
    for (const auto& p : asked) before.push_back(ask(log, p));
    const auto all = log.find_all();

    CHECK(log.work().sealed > 10);
    REQUIRE(log.find_all() == all);
    std::size_t met = 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto& p = asked[i];
        INFO(p.at("q") << (p.contains("case") ? ", case=" + p.at("case") : ", of one service"));
        const auto after = ask(log, p);
        REQUIRE(after.lines == before[i].lines);
        REQUIRE(after.counts == before[i].counts);
        REQUIRE(after.fields == before[i].fields);
        if (!p.contains("service"))
            REQUIRE(after.lines == answer_of(all, p.at("q"), p.at("case") == "ignore"));
        if (!after.lines.empty() && after.lines.size() < all.size()) ++met;
    }
    // Few questions are about nothing, or about everything.
    CHECK(met * 2 > asked.size());
}

TEST_CASE("a part without a word of the query is skipped, whatever the letter case") {
    test::temp_dir dir;
    log_on_disk log(dir.path());
    std::string record;
    REQUIRE_FALSE(append_json_record(record, R"({"message":"Deadlock here","user":"Ann Lee"})", 1));
    for (int i = 0; i < 100; ++i) log.append(record);
    CHECK(log.work().sealed > 0);
    const part_input part(log.parts.parts()->front());
    const auto may_have = [&](const parameters& p) { return part.may_have(0, filter_of(p).tokens()); };
    for (const auto* q :
         {"Deadlock", "\"Deadlock here\"", "dead*", "user:\"Ann Lee\"", "absent or here", "-absent"})
        CHECK(may_have({{"q", q}}));
    for (const auto* q : {"Deadlocks", "\"Deadlock there\"", "user:\"Ann Miller\"", "here (gone)",
                          "(absent a) or (absent b)"})
        CHECK_FALSE(may_have({{"q", q}}));
    CHECK(may_have({{"q", "DEADLOCK"}, {"case", "ignore"}}));
    CHECK_FALSE(may_have({{"q", "DEADLOCKED"}, {"case", "ignore"}}));
}

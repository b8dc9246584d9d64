// That searches and counts end in time, by a clock on which each look takes a while: however a walk is cut
// into steps, or ended and begun again, it sees each line once.
#include <catch2/catch.hpp>
#include <map>

#include "role/log/search/log_scan.hpp"
#include "role/log/search/search.hpp"
#include "support/moving_time.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/log_on_disk.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

constexpr milliseconds third_of_a_step = max_step / 3;

// 900 lines in batches of 90: of two services, some with further fields, some kept as they came, some of them
// like others. An expression looks at a few of them between two looks at the clock.
void fill(log_on_disk& log) {
    for (int i = 0; i < 900;) {
        std::string records;
        for (const int end = i + 90; i < end; ++i) {
            records += R"({"time":"2026-01-02T03:04:05.000000Z","level":"info")";
            if (i % 3 == 0) records += R"(,"service":"A")";
            records += R"(,"message":")" + std::string(1200, "xy"[i % 2]) + ' ' +
                       std::to_string(i < 300 ? i % 7 : i) + '"';
            if (i % 5 == 0) records += R"(,"n":)" + std::to_string(i);
            if (i % 50 == 7) records += R"(,  "odd" :1)";
            records += "}\n";
        }
        log.append(records);
    }
}

log_query asked(const std::map<std::string, std::string, std::less<>>& p) {
    auto q = parse_query(p);
    INFO(q.error);
    REQUIRE(q.value);
    q.value->limit = max_lines;
    return *std::move(q.value);
}

const std::vector<log_query>& questions() {
    static const std::vector<log_query> all{
        asked({{"q", "/[xy]{50} [135]/"}}),
        asked({{"q", "-/x{50}.*7$/"}}),
        asked({{"q", "/y{9}/"}, {"service", "A"}}),
        asked({{"q", "n:>200 /(x|y){40} /"}}),
        asked({{"q", "service:A /[0-6]$/"}, {"case", "ignore"}}),
        asked({{"q", "/X{20}/ *xx*"}, {"case", "ignore"}}),
    };
    return all;
}

struct outcome {
    std::vector<std::uint64_t> lines;
    std::size_t steps = 0;
    std::string ended_by;
    std::uint64_t last_seen = 0;
};

outcome outcome_of(log_on_disk& log, const log_query& q, const search_budget& budget) {
    search s(log.parts, log.journal, log.helper, q, budget);
    outcome o;
    for (bool is_end = false; !is_end && o.ended_by.empty(); ++o.steps) {
        const auto found = s.step();
        REQUIRE(found.failure.empty());
        for (const auto& l : found.lines) o.lines.push_back(l.seq);
        is_end = found.is_end;
        o.ended_by = found.ended_by;
        o.last_seen = found.last_seen;
    }
    return o;
}

template <class Scan>
outcome counted(Scan& scan) {
    outcome o;
    for (bool is_end = false; !is_end && o.ended_by.empty(); ++o.steps) {
        const auto p = scan.step();
        REQUIRE(p.failure.empty());
        is_end = p.is_end;
        o.ended_by = p.ended_by;
        o.last_seen = p.last_seen;
    }
    return o;
}

// Calls `check` for each question, in both orders, before and after sealing.
void for_each_question(const std::function<void(log_on_disk&, const log_query&)>& check) {
    test::temp_dir dir;
    log_on_disk log(dir.path(), {{}, {}, 0}, 400'000);
    fill(log);
    for (const bool is_sealed : {false, true}) {
        if (is_sealed) {
            log.journal.end_segment();
            log.append(R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":"the last"})"
                       "\n");
            REQUIRE(log.work().sealed == 3);
        }
        for (auto q : questions())
            for (const bool oldest_first : {false, true}) {
                INFO(is_sealed << ' ' << oldest_first << ' ' << q.filter.words);
                q.oldest_first = oldest_first;
                check(log, q);
            }
    }
}

}  // namespace

TEST_CASE("a step whose time is over ends behind the line it is at, and the next one goes on there") {
    for_each_question([](log_on_disk& log, const log_query& q) {
        const auto at_once = outcome_of(log, q, search_budget(log.time));
        REQUIRE(at_once.lines.size() > 20);
        const test::moving_time slow(third_of_a_step);
        const auto in_steps = outcome_of(log, q, search_budget(slow));
        CHECK(in_steps.lines == at_once.lines);
        CHECK(in_steps.ended_by.empty());
        CHECK(in_steps.steps > 5);

        log_scan all(log.parts, log.journal, q.filter, search_budget(log.time),
                     {log.helper, {true, true, 0}});
        CHECK(counted(all).steps == 1);
        log_scan some(log.parts, log.journal, q.filter, search_budget(slow), {log.helper, {true, true, 0}});
        CHECK(counted(some).steps > 5);
        CHECK(some.counts().groups() == all.counts().groups());
        CHECK(some.counts().total() == at_once.lines.size());
        field_scan fields(log.parts, log.journal, q.filter, search_budget(slow));
        CHECK(counted(fields).steps > 5);
        CHECK(fields.counts().lines() == at_once.lines.size());
    });
}

TEST_CASE("a search whose time is up says so, and behind which line to go on") {
    for_each_question([](log_on_disk& log, const log_query& q) {
        const auto all = outcome_of(log, q, search_budget(log.time)).lines;
        const test::moving_time slow(third_of_a_step);
        std::vector<std::uint64_t> found;
        int pieces = 0;
        for (auto go_on = q;; ++pieces) {
            const auto some = outcome_of(log, go_on, search_budget(slow, slow.now() + 5 * max_step));
            found.insert(found.end(), some.lines.begin(), some.lines.end());
            if (some.ended_by.empty()) break;
            REQUIRE(some.ended_by == "time");
            REQUIRE((!go_on.after || some.last_seen != *go_on.after));
            go_on.after = some.last_seen;
        }
        CHECK(pieces > 1);
        CHECK(found == all);
    });
}

TEST_CASE("a count whose time is up says so, and down to which line it is complete") {
    for_each_question([](log_on_disk& log, const log_query& q) {
        auto rest = q;
        rest.oldest_first = false;
        const auto all = outcome_of(log, rest, search_budget(log.time)).lines.size();
        const test::moving_time slow(third_of_a_step);
        const auto deadline = [&] { return search_budget(slow, slow.now() + 5 * max_step); };
        log_scan counts(log.parts, log.journal, q.filter, deadline(), {log.helper, {}});
        const auto o = counted(counts);
        REQUIRE(o.ended_by == "time");
        rest.after = o.last_seen;
        CHECK(counts.counts().total() + outcome_of(log, rest, search_budget(log.time)).lines.size() == all);
        field_scan fields(log.parts, log.journal, q.filter, deadline());
        rest.after = counted(fields).last_seen;
        CHECK(fields.counts().lines() + outcome_of(log, rest, search_budget(log.time)).lines.size() == all);
    });
}

TEST_CASE("a search that has no time at all can be continued from its start") {
    for_each_question([](log_on_disk& log, const log_query& q) {
        const test::moving_time slow(third_of_a_step);
        const auto none = outcome_of(log, q, search_budget(slow, slow.now()));
        CHECK(none.ended_by == "time");
        CHECK(none.lines.empty());
        auto all = q;
        all.after = none.last_seen;
        CHECK(outcome_of(log, all, search_budget(log.time)).lines ==
              outcome_of(log, q, search_budget(log.time)).lines);
    });
}

TEST_CASE("the tests of a line come to a bounded amount of work, all of them together") {
    const search_budget budget(real_time());
    work_meter meter(budget);
    for (int line = 0; line < 2; ++line) {
        meter.begin_line();
        for (int test = 0; test < 8; ++test) CHECK_NOTHROW(meter.spend(max_line_work / 8));
        CHECK_THROWS_AS(meter.spend(1), search_ended);
    }
    meter.begin_line();
    std::string many;
    for (int i = 0; i < 8; ++i) many += (i > 0 ? " or /" : "/") + std::to_string(i) + ".{40}z/";
    const auto q = parse_query({{"q", many}});
    REQUIRE(q.value);
    const auto line = R"({"seq":1,"time":"2026-01-02T03:04:05.000000Z","level":"info","message":")" +
                      std::string(256 << 10, 'a') + "\"}";
    CHECK_THROWS_AS(q.value->filter.matches(*read_stored_line(line), meter), search_ended);
}

TEST_CASE("the clock is looked at between the tests of one line") {
    const test::moving_time slow(max_step);
    const search_budget budget(slow, slow.now() + 2 * max_step);
    work_meter meter(budget);
    meter.begin_line();
    meter.spend(work_between_looks);
    meter.spend(work_between_looks - 1);
    CHECK_THROWS_AS(meter.spend(work_between_looks), search_ended);
}

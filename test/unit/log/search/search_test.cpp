// What a search holds while its reader takes its time, and who goes first when there are many.
#include <array>
#include <catch2/catch.hpp>
#include <optional>

#include "base/task_group.hpp"
#include "role/log/search/log_scan.hpp"
#include "role/log/search/search.hpp"
#include "role/log/storage/log_store.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"
#include "support/thread_gate.hpp"
#include "unit/log/storage/log_on_disk.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

constexpr std::uint64_t lines = 24'000;  // of 300 bytes: several pieces, in one batch

std::string large_batch() {
    std::string records;
    for (std::uint64_t i = 0; i < lines; ++i)
        records += R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":")" +
                   std::to_string(i % 7) + std::string(250, 'x') + "\"}\n";
    return records;
}

// The numbers of the lines that a search finds, which must be one after the other.
std::uint64_t count_in_pieces(log_on_disk& log, log_query q) {
    constexpr std::size_t max_piece = (2 << 20) + 1000;
    const bool oldest_first = q.oldest_first;
    search s(log.parts, log.journal, log.helper, std::move(q), search_budget(log.time));
    std::uint64_t count = 0;
    std::optional<std::uint64_t> before;
    for (bool is_end = false; !is_end;) {
        const auto found = s.step();
        REQUIRE(found.failure.empty());
        REQUIRE(found.text.size() <= max_piece);
        for (const auto& l : found.lines) {
            if (before) REQUIRE(l.seq == (oldest_first ? *before + 1 : *before - 1));
            before = l.seq;
        }
        if (!found.is_end && before) REQUIRE(found.last_seen == *before);
        count += found.lines.size();
        is_end = found.is_end;
    }
    return count;
}

log_query all_lines() {
    log_query q;
    q.oldest_first = true;
    q.limit = max_lines;
    return q;
}

// The role's store with a large batch, both of whose reading threads can be held.
struct held_store {
    static log_store::setup setup_in(const std::filesystem::path& directory) {
        log_store::setup s;
        s.directory = directory;
        s.sync_each_commit = false;
        return s;
    }

    test::temp_dir dir;
    test::loop_runner runner;
    test::moving_time still{milliseconds(0)};
    std::array<test::thread_gate, 2> gates;
    log_store store{setup_in(dir.path()), runner.loop.get_executor(), real_time()};
    std::string ended;
    task_group holding{runner.loop.get_executor(), real_time()};
    task_group stepping{runner.loop.get_executor(), real_time()};

    held_store() {
        runner.run([this] { return fill(); });
    }
    task<> fill() {
        const auto placed = co_await store.append(large_batch(), lines);
        REQUIRE(placed.has_value());
    }
    task<> hold(test::thread_gate& gate) {
        auto job = [&gate] { return gate.hold(); };
        static_cast<void>(co_await store.run_off_loop(std::move(job)));
    }
    std::shared_ptr<search> search_for(log_query q) {
        return std::make_shared<search>(store.parts(), store.journal(), store.helper(), std::move(q),
                                        search_budget(still));
    }
    std::shared_ptr<log_scan> count_all() {
        return std::make_shared<log_scan>(store.parts(), store.journal(), log_filter{}, search_budget(still),
                                          line_counting(store.helper(), {}));
    }
    std::shared_ptr<field_scan> all_fields() {
        return std::make_shared<field_scan>(store.parts(), store.journal(), log_filter{},
                                            search_budget(still));
    }
    void hold_both_threads() {
        for (auto& g : gates) holding.spawn("hold", [this, &g] { return hold(g); });
        poll();
        for (auto& g : gates) g.wait_until_held();
    }
    template <class Job>
    task<> run_one_at_a_time(Job job) {
        static_cast<void>(co_await store.run_off_loop(std::move(job), turn::one_at_a_time));
    }
    // Ends when what waits for its turn before it has ended.
    task<> run_soon() {
        auto nothing = []() -> result<> { return {}; };
        static_cast<void>(co_await store.run_off_loop(std::move(nothing), turn::soon));
    }
    template <class Walker>
    task<> step(char name, std::shared_ptr<Walker> w) {
        const auto found = co_await store.step(w);
        if (found) ended += name;
    }
    template <class Walker>
    void begin_step(char name, std::shared_ptr<Walker> w) {
        stepping.spawn("step", [this, name, w] { return step(name, w); });
        poll();
    }
    void poll() {
        runner.loop.restart();
        runner.loop.poll();
    }
    void finish() {
        gates[0].open();  // one thread does all the steps
        runner.run([this] { return all_done(stepping); });
        gates[1].open();
        runner.run([this] { return all_done(holding); });
    }
    static task<> all_done(task_group& g) { REQUIRE(co_await g.join_until(steady_point::max())); }
};

}  // namespace

TEST_CASE("a search returns lines in pieces of two MiB, each line once") {
    const test::temp_dir dir;
    log_on_disk log(dir.path(), {{}, {}, 0}, 1 << 20);
    log.append(large_batch());
    for (const bool is_sealed : {false, true}) {
        if (is_sealed) log.work();
        for (const bool oldest_first : {false, true}) {
            INFO(is_sealed << ' ' << oldest_first);
            log_query q;
            q.oldest_first = oldest_first;
            q.limit = max_lines;
            CHECK(count_in_pieces(log, q) == lines);
            q.limit = 10'001;
            CHECK(count_in_pieces(log, q) == 10'001);
        }
    }
}

TEST_CASE("a search is long running once it went through some MiB without coming to its end") {
    const test::temp_dir dir;
    log_on_disk log(dir.path(), {{}, {}, 0}, 1 << 20);
    log.append(large_batch());
    search s(log.parts, log.journal, log.helper, all_lines(), search_budget(log.time));
    CHECK_FALSE(s.is_long_running());
    CHECK_FALSE(s.step().is_end);  // two MiB
    CHECK_FALSE(s.is_long_running());
    CHECK_FALSE(s.step().is_end);
    CHECK_FALSE(s.step().is_end);
    CHECK(s.is_long_running());
    log.all_of(s);
    CHECK_FALSE(s.is_long_running());  // a tail that waits for what comes next
}

TEST_CASE("a new search goes before the next steps of long running ones") {
    held_store f;
    const auto long_one = f.search_for(all_lines());
    while (!long_one->is_long_running()) REQUIRE_FALSE(long_one->step().is_end);
    const auto stats = f.count_all();
    REQUIRE(stats->step().failure.empty());
    const auto fields = f.all_fields();
    REQUIRE(fields->step().failure.empty());

    f.hold_both_threads();
    f.begin_step('a', long_one);
    f.begin_step('b', stats);
    f.begin_step('c', fields);
    f.begin_step('X', f.search_for(all_lines()));
    f.begin_step('Y', f.count_all());
    f.begin_step('Z', f.all_fields());
    f.finish();
    CHECK(f.ended == "aXbYcZ");
}

TEST_CASE("steps with regular expressions leave one of the two threads to the others") {
    held_store f;
    auto costly = all_lines();
    costly.filter = parse_query({{"q", "/x{9}$/"}}).value.value().filter;
    auto expression = [&f] { return f.gates[0].hold(); };
    f.holding.spawn("hold", [&] { return f.run_one_at_a_time(expression); });
    f.poll();
    f.gates[0].wait_until_held();
    for (const char name : std::string("abc")) f.begin_step(name, f.search_for(costly));
    f.begin_step('X', f.search_for(all_lines()));
    f.begin_step('Y', f.count_all());
    f.runner.run([&f] { return f.run_soon(); });
    CHECK(f.ended == "XY");
    f.finish();
    CHECK(f.ended == "XYabc");
}

TEST_CASE("a cancelled search ends at the next line, and is marked incomplete") {
    test::temp_dir dir;
    log_on_disk log(dir.path());
    log.append(large_batch());
    for (const bool is_sealed : {false, true}) {
        if (is_sealed) log.work();
        search s(log.parts, log.journal, log.helper, all_lines(), search_budget(log.time));
        s.give_up();
        const auto found = s.step();
        CHECK(found.lines.empty());
        CHECK_FALSE(found.is_end);
        CHECK(found.ended_by == "time");
    }
}

TEST_CASE(
    "a line that a regular expression would take too long for ends the search, and the answer says so") {
    test::temp_dir dir;
    log_on_disk log(dir.path());
    log.append(R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":")" +
               std::string(200'000, 'x') + "\"}\n");
    for (const bool is_sealed : {false, true}) {
        if (is_sealed) {
            log.journal.end_segment();
            log.append(R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":"another"})"
                       "\n");
            REQUIRE(log.work().sealed == 1);
        }
        auto asked = parse_query({{"q", "/[xy]{900}z/"}});
        REQUIRE(asked.value);
        search s(log.parts, log.journal, log.helper, *std::move(asked.value), search_budget(log.time));
        const auto found = s.step();
        CHECK_FALSE(found.is_end);
        CHECK(found.ended_by == "cost");
        CHECK(found.last_seen == 2);  // what comes behind it is the line
    }
}

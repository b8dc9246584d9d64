// Readers of a log that is being sealed: the same answers from parts as from the journal, each line once.
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"
#include "unit/log/storage/kept_log.hpp"

using namespace distd;
using namespace distd::logs;

TEST_CASE("queries have the same results from parts as from the journal") {
    test::temp_dir dir;
    test::temp_dir other;
    kept_log sealed(dir.path());
    kept_log plain(other.path());
    for (auto* log : {&sealed, &plain}) log->put_in_batches(40, 10);
    REQUIRE(sealed.work().sealed > 3);
    const auto time = [](std::uint64_t n) {
        std::string line = record(n);
        return line.substr(9, 27);
    };
    const std::vector<std::map<std::string, std::string, std::less<>>> questions{
        {},
        {{"service", "s1"}},
        {{"service", "nobody"}},
        {{"level", "error"}},
        {{"level", "error,info"}},
        {{"level", "warn"}},
        {{"trace", std::string(31, 'c') + "7"}},
        {{"trace", "absent"}},
        {{"q", "number 77"}},
        {{"q", " 77 "}},
        {{"q", "umber 7"}},
        {{"q", "nothing like it"}},
        {{"q", " of "}, {"service", "s2"}, {"level", "error"}},
        {{"from", time(100)}},
        {{"to", time(100)}},
        {{"from", time(33)}, {"to", time(200)}},
        {{"after", "123"}},
        {{"after", "123"}, {"level", "error"}},
    };
    for (const auto& question : questions) {
        for (const auto* order : {"newest", "oldest"}) {
            auto asked = question;
            asked["order"] = order;
            CAPTURE(asked);
            CHECK(sealed.find(query(asked)) == plain.find(query(asked)));
        }
    }
}

TEST_CASE("paging neither skips nor repeats across parts and journal, in both orders") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(30, 10);
    static_cast<void>(log.work());
    for (const bool oldest_first : {true, false}) {
        std::string all;
        std::optional<std::uint64_t> after;
        for (;;) {
            log_query q;
            q.oldest_first = oldest_first;
            q.limit = 7;
            q.after = after;
            search s(log.parts, log.journal, log.helper, q, search_budget(log.time));
            const auto page = s.step();
            REQUIRE(page.is_end);
            if (page.lines.empty()) break;
            all += page.text;
            after = page.lines.back().seq;
        }
        CHECK(all == (oldest_first ? numbered(1, 300) : backwards(numbered(1, 300))));
    }
}

TEST_CASE("reading from the oldest continues across sealing and merging, each line once") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put(1);
    log_query q;
    q.oldest_first = true;
    q.after = 0;
    q.limit = UINT64_MAX;
    search s(log.parts, log.journal, log.helper, q, search_budget(log.time));
    std::string seen;
    for (int i = 0; i < 30; ++i) {
        if (i % 3 == 0) seen += log.all_of(s);
        log.put_in_batches(5, 7);
        if (i % 2 == 0) static_cast<void>(log.work());
        if (i % 7 == 0) seen += s.step().text;  // leaves it somewhere in the middle
    }
    seen += log.all_of(s);
    CHECK(seen == numbered(1, log.journal.next() - 1));
}

TEST_CASE("reading from the newest continues when lines are sealed meanwhile") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    log_query q;
    q.limit = UINT64_MAX;
    log_walk walk(log.parts, log.journal, log_walk::direction::newest_first, {}, q.filter);
    std::vector<std::uint64_t> seen;
    for (int i = 0;; ++i) {
        const auto stretch = walk.next(1);
        if (stretch.is_end) break;
        if (stretch.lines)
            for (const auto& l : *stretch.lines) seen.push_back(l.seq);
        for (const auto& b : stretch.blocks)
            for (auto n = b.last; n >= b.first; --n) seen.push_back(n);
        if (i == 2) REQUIRE(log.work().sealed > 5);
    }
    std::vector<std::uint64_t> expected;
    for (std::uint64_t n = 600; n > 0; --n) expected.push_back(n);
    CHECK((seen == expected));
}

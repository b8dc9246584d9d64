// Random histories of a journal on a disk that fails, fills up, dies with its process or loses its power,
// each from a seed: whatever was answered, or shown once, is there ever after, what was refused never is,
// what was torn is cut and not called damaged, and the journal always opens again.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "sim/page_disk.hpp"
#include "store/journal/journal_walk.hpp"
#include "store/journal/segment_journal.hpp"

using namespace distd;

namespace {

struct odds {
    std::uint64_t write_fails = 0;
    std::uint64_t sync_fails = 0;
    std::uint64_t is_full = 0;
    std::uint64_t name_fails = 0;
    bool pulls_the_plug = false;
};

class history {
public:
    history(std::uint64_t seed, const odds& o)
        : chance_(seed), disk_(seed + 1), odds_(o), commits_before_doublewrite_(chance_.between(1, 12)) {
        static_cast<void>(disk_.make_directories("/log/journal"));
        disk_.settle();
    }

    void run(int lives) {
        for (int i = 0; i < lives; ++i) {
            live();
            disk_.start();
        }
        calm();
        open();
    }

private:
    struct line {
        std::string text;
        std::string id;
        std::uint64_t first = 0;  // of its batch
    };

    void calm() { disk_.odds = {}; }
    void trouble() {
        disk_.odds.write_fails = odds_.write_fails;
        disk_.odds.sync_fails = odds_.sync_fails;
        disk_.odds.is_full = odds_.is_full;
        disk_.odds.name_fails = odds_.name_fails;
        disk_.odds.goes_short = 10;
    }

    void live() {
        trouble();
        open();
        if (!journal_) return;
        if (odds_.pulls_the_plug && chance_.one_in(2)) disk_.calls_until_death = chance_.below(120);
        for (auto n = chance_.below(40); n > 0 && !disk_.is_down(); --n) put();
        if (!odds_.pulls_the_plug) calm();
        if (odds_.pulls_the_plug && chance_.one_in(3)) disk_.kill();
        if (odds_.pulls_the_plug && chance_.one_in(3)) disk_.crash();
        journal_.reset();
        if (odds_.pulls_the_plug && chance_.one_in(3)) disk_.crash();
    }

    void open() {
        for (int tries = 0; !journal_ && tries < 3 && !disk_.is_down(); ++tries) {
            try {
                segment_journal::setup s{
                    .directory = "/log/journal", .segment_bytes = 30'000, .storage = disk_};
                s.doublewrite = "/log/commits.pad";
                s.doublewrite_bytes = 64 << 10;
                s.commits_before_doublewrite = commits_before_doublewrite_;
                journal_ = std::make_unique<segment_journal>(s);
            } catch (const store_error&) {
                if (tries > 0) calm();
            }
        }
        if (!journal_) return;
        for (const auto& d : journal_->recovered().damaged)
            FAIL_CHECK(d.file.string() << " from " << d.offset << ", " << d.bytes << " bytes: " << d.reason);
        if (chance_.one_in(2) || !odds_.pulls_the_plug) look();
    }

    // All that was answered or shown is there; nothing else is but what was in doubt.
    void look() {
        const auto before = std::exchange(disk_.odds, {});
        std::map<std::uint64_t, std::string> seen;
        journal_walk w(*journal_, journal_walk::direction::oldest_first, std::nullopt);
        for (const auto* lines = &w.next(); !lines->empty(); lines = &w.next())
            for (const auto& l : *lines) seen.emplace(l.seq, std::string(l.text));
        CHECK(w.take_damaged().empty());
        for (const auto& [seq, l] : lines_) {
            INFO("line " << seq << ": " << l.text.substr(0, 40));
            REQUIRE(seen.contains(seq));
            REQUIRE(seen[seq] == l.text);
        }
        for (const auto& [seq, text] : seen) {
            if (lines_.contains(seq)) continue;
            INFO("line " << seq << ": " << text.substr(0, 40));
            const auto known = doubtful_.find(text);
            REQUIRE(known != doubtful_.end());
            lines_[seq] = {text, known->second, 0};
        }
        doubtful_.clear();
        disk_.odds = before;
    }

    static std::string as_stored(std::uint64_t seq, const std::string& text) {
        return "{\"seq\":" + std::to_string(seq) + "," + text.substr(1);
    }

    void put() {
        const auto next = journal_->next();
        const auto count = chance_.between(1, 4);
        const auto number = ++puts_;
        const auto id = "b" + std::to_string(number);
        std::vector<std::string> texts;
        std::string all;
        for (std::uint64_t i = 0; i < count; ++i) {
            texts.push_back("{\"n\":\"" + id + "-" + std::to_string(i) + std::string(size(), 'x') + "\"}");
            all += texts.back() + "\n";
        }
        auto code = errc::storage_failed;
        try {
            journal_->begin();
            repeat();
            const auto placed = journal_->append(all, count, {id, "me", id});
            CHECK_FALSE(placed.repeated);
            CHECK(placed.first == next);
            journal_->commit();
            for (const auto& text : texts) {
                const auto seq = next + static_cast<std::uint64_t>(&text - texts.data());
                lines_[seq] = {as_stored(seq, text), id, next};
            }
            return;
        } catch (const store_error& e) {
            code = e.code();
            journal_->rollback();
        }
        // A process that dies answers nobody.
        if (code != errc::outcome_unknown && !disk_.is_down()) return;
        for (const auto& text : texts) {
            const auto seq = next + static_cast<std::uint64_t>(&text - texts.data());
            doubtful_.emplace(as_stored(seq, text), id);
        }
    }

    std::size_t size() {
        if (chance_.one_in(10)) return static_cast<std::size_t>(chance_.below(9000));
        return static_cast<std::size_t>(chance_.below(300));
    }

    void repeat() {
        if (lines_.empty() || !chance_.one_in(4)) return;
        auto it = lines_.lower_bound(chance_.between(1, lines_.rbegin()->first));
        if (it == lines_.end() || it->second.first == 0) return;
        const auto& id = it->second.id;
        const auto again = journal_->append("{}\n", 1, {id, "me", id});
        REQUIRE(again.repeated);
        REQUIRE(again.first == it->second.first);
        const auto other = journal_->append("{}\n", 1, {id, "me", "other"});
        REQUIRE(other.contradicts);
    }

    sim::chance chance_;
    sim::page_disk disk_;
    const odds odds_;
    const std::uint64_t commits_before_doublewrite_;
    std::unique_ptr<segment_journal> journal_;
    std::map<std::uint64_t, line> lines_;
    std::map<std::string, std::string> doubtful_;
    std::uint64_t puts_ = 0;
};

void run_histories(const odds& o) {
    const auto* const given = std::getenv("DISTD_SIM_SEED");
    const std::uint64_t first = given ? std::stoull(given) : 1;
    const std::uint64_t runs = given ? 1 : 100;
    for (auto seed = first; seed < first + runs; ++seed) {
        INFO("seed " << seed);
        history(seed, o).run(8);
    }
}

}  // namespace

TEST_CASE("what was answered outlives any order of killed processes and power cuts") {
    run_histories({.pulls_the_plug = true});
}

TEST_CASE("what was answered is there whatever the disk refuses") {
    run_histories({.write_fails = 30, .is_full = 30, .name_fails = 30});
}

TEST_CASE("a sync that failed takes nothing along that was answered") { run_histories({.sync_fails = 8}); }

TEST_CASE(
    "what was answered outlives failed syncs, refused writes, killed processes and power cuts together") {
    run_histories(
        {.write_fails = 60, .sync_fails = 12, .is_full = 60, .name_fails = 60, .pulls_the_plug = true});
}

namespace {

struct journal_on_disk {
    explicit journal_on_disk(std::uint64_t seed = 1) : disk(seed) {
        static_cast<void>(disk.make_directories("/log/journal"));
        disk.settle();
        open();
    }
    void open() {
        segment_journal::setup s{.directory = "/log/journal", .storage = disk};
        s.doublewrite = "/log/commits.pad";
        s.doublewrite_bytes = 64 << 10;
        s.commits_before_doublewrite = 3;
        s.segment_bytes = segment_bytes;
        journal = std::make_unique<segment_journal>(s);
    }
    // What it is refused with; nothing: it is stored.
    std::optional<errc> put(std::size_t bytes = 10) {
        try {
            journal->begin();
            static_cast<void>(journal->append("{\"n\":\"" + std::string(bytes, 'x') + "\"}\n", 1));
            journal->commit();
            return std::nullopt;
        } catch (const store_error& e) {
            journal->rollback();
            return e.code();
        }
    }
    [[nodiscard]] std::uint64_t lines() const {
        std::uint64_t seen = 0;
        journal_walk w(*journal, journal_walk::direction::oldest_first, std::nullopt);
        for (const auto* found = &w.next(); !found->empty(); found = &w.next()) seen += found->size();
        return seen;
    }
    void cut_power() {
        disk.crash();
        journal.reset();
        disk.start();
        open();
    }

    sim::page_disk disk;
    std::uint64_t segment_bytes = 1 << 20;
    std::unique_ptr<segment_journal> journal;
};

}  // namespace

TEST_CASE("a journal whose syncs fail is closed, says why, and goes on when all was written again") {
    journal_on_disk d;
    const int on_pad = GENERATE(1, 20);
    for (int i = 0; i < on_pad; ++i) REQUIRE_FALSE(d.put());
    d.disk.odds.sync_fails = 1;
    CHECK(d.put(10'000) == errc::outcome_unknown);  // too large for the doublewrite file
    CHECK_THAT(d.journal->why_closed(), Catch::Contains("cannot sync"));
    CHECK(d.put() == errc::storage_failed);
    d.disk.odds.sync_fails = 0;
    CHECK_FALSE(d.put());
    CHECK(d.journal->why_closed().empty());
    const auto answered = static_cast<std::uint64_t>(on_pad) + 1;
    CHECK(d.lines() == answered);
    d.cut_power();
    CHECK(d.lines() == answered);
}

TEST_CASE("of what a full disk refuses nothing is stored, and that is known") {
    journal_on_disk d;
    for (int i = 0; i < 10; ++i) REQUIRE_FALSE(d.put());
    d.disk.full = true;
    CHECK(d.put(10'000) == errc::storage_full);
    CHECK(d.journal->why_closed().empty());
    d.cut_power();
    CHECK(d.lines() == 10);
    d.disk.full = false;
    CHECK_FALSE(d.put(10'000));
    CHECK(d.lines() == 11);
}

TEST_CASE("where the next segment could not be begun nothing is written behind the one before") {
    const auto seed = GENERATE(range(1, 60));
    journal_on_disk d(static_cast<std::uint64_t>(seed));
    d.segment_bytes = 4000;
    d.cut_power();
    REQUIRE_FALSE(d.put(5000));  // as much as a segment takes
    d.journal->sync();
    d.disk.odds.sync_fails = 1;
    REQUIRE(d.put() == errc::storage_failed);  // there is a file for it, but its name may be lost
    d.journal.reset();
    d.disk.odds.sync_fails = 0;
    d.cut_power();
    CHECK(d.journal->recovered().damaged.empty());
    CHECK(d.lines() == 1);
}

TEST_CASE("a journal whose folder could not be synced begins no segment until the process starts again") {
    journal_on_disk d;
    d.segment_bytes = 4000;
    d.cut_power();
    REQUIRE_FALSE(d.put(5000));
    d.disk.odds.sync_fails = 1;
    CHECK(d.put() == errc::storage_failed);
    d.disk.odds.sync_fails = 0;
    for (int i = 0; i < 3; ++i) CHECK(d.put() == errc::storage_failed);
    CHECK_THAT(d.journal->why_closed(),
               Catch::Contains("/log/journal: cannot sync") && Catch::Contains("restart"));
    CHECK(d.lines() == 1);
    const auto files = d.disk.list("/log/journal");
    CHECK(files->size() <= 2);  // no more with each try
    d.journal.reset();
    d.disk.begin_process();
    d.open();
    CHECK_FALSE(d.put());
    CHECK(d.journal->why_closed().empty());
    d.cut_power();
    CHECK(d.lines() == 2);
}

TEST_CASE("a head that the disk fails to read once costs no line") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        journal_on_disk d(seed);
        REQUIRE_FALSE(d.put());  // of a later one the trailer would say that the head was synced
        d.disk.kill();
        d.journal.reset();
        d.disk.start();
        d.disk.odds.read_fails = 3;
        try {
            d.open();
        } catch (const store_error&) {
            // A start may fail then, and changes nothing.
        }
        d.disk.kill();
        d.journal.reset();
        d.disk.odds.read_fails = 0;
        d.disk.start();
        d.open();
        CHECK(d.lines() == 1);
    }
}

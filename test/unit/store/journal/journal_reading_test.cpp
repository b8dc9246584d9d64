// A journal on a disk that does not give back some of it: those lines are named and left out, all others are
// found, nothing is cut off, and on a better day of the disk they are there again.
#include <algorithm>
#include <catch2/catch.hpp>

#include "store/journal/journal_walk.hpp"
#include "store/journal/segment_journal.hpp"
#include "support/bad_places.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using distd::test::text_of;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t block = 4096;

struct place {
    explicit place(bool is_stopped) {
        segment_journal journal({.directory = dir.path()});
        for (int i = 0; i < 20; ++i) put(journal);
        if (!is_stopped) text = text_of(file);
        lines = journal.next() - 1;
    }
    void as_after_a_kill() const { test::write_file(file, text); }
    [[nodiscard]] segment_journal::setup setup() { return {.directory = dir.path(), .storage = on}; }

    static std::uint64_t put(segment_journal& journal) {
        journal.begin();
        const auto placed = journal.append("{\"n\":\"" + std::string(1000, 'x') + "\"}\n", 1);
        journal.commit();
        return placed.first;
    }

    test::temp_dir dir;
    const fs::path file = dir / "00000000000000000001.ndjson";
    test::bad_places on;
    std::string text;
    std::uint64_t lines = 0;
};

std::vector<std::uint64_t> walk(const segment_journal& journal, std::size_t damaged_places) {
    std::vector<std::uint64_t> seen;
    journal_walk w(journal, journal_walk::direction::oldest_first, std::nullopt);
    for (const auto* lines = &w.next(); !lines->empty(); lines = &w.next())
        for (const auto& l : *lines) seen.push_back(l.seq);
    const auto damaged = w.take_damaged();
    CHECK(damaged.size() == damaged_places);
    for (const auto& d : damaged) CHECK(d.reason == "cannot be read from the disk");
    return seen;
}

}  // namespace

TEST_CASE("lines that the disk cannot read are left out and reported, all others are found") {
    place p(true);
    segment_journal journal(p.setup());
    p.on.spoil(p.file, 2 * block, 3 * block);
    const auto seen = walk(journal, 1);
    CHECK(seen.size() >= p.lines - 6);
    CHECK(seen.size() < p.lines);
    CHECK(seen.back() == p.lines);
    p.on.heal();
    CHECK(walk(journal, 0).size() == p.lines);
}

TEST_CASE("a journal opens although some of its last segment cannot be read, and truncates nothing") {
    place p(false);
    p.as_after_a_kill();
    std::uint64_t from = 2 * block;
    SECTION("its head") { from = 0; }
    SECTION("in the middle") {}
    SECTION("its end") { from = p.text.size() / block * block; }
    p.on.spoil(p.file, from, from + block);
    {
        segment_journal journal(p.setup());
        CHECK(journal.recovered().torn_bytes == 0);
        CHECK_FALSE(journal.recovered().damaged.empty());
        CHECK(journal.next() > p.lines);
        CHECK(place::put(journal) > p.lines);
    }
    CHECK(text_of(p.file).starts_with(p.text));
    p.on.heal();
    segment_journal journal(p.setup());
    const auto seen = walk(journal, 0);
    CHECK(seen.size() == p.lines + 1);
    CHECK(std::ranges::is_sorted(seen));
}

TEST_CASE("a segment that cannot be read at all is skipped, reported, and stays where it is") {
    place p(true);
    p.on.spoil(p.file, 0, 1 << 20);
    segment_journal journal(p.setup());
    CHECK_FALSE(journal.recovered().damaged.empty());
    CHECK(place::put(journal) > p.lines);
    CHECK(fs::exists(p.file));
    CHECK(walk(journal, 1).size() == 1);
}

TEST_CASE("a segment whose file was deleted is reported and skipped, and a walk comes to its end") {
    test::temp_dir dir;
    segment_journal journal({.directory = dir.path(), .segment_bytes = 2000});
    for (int i = 0; i < 9; ++i) place::put(journal);
    const auto segments = journal.segments();
    REQUIRE(segments.size() > 3);
    const auto gone = GENERATE(0, 1, 2, 3);  // of these the last is not the one that is written to
    fs::remove(segments[static_cast<std::size_t>(gone)]->file());
    const auto d = GENERATE(journal_walk::direction::oldest_first, journal_walk::direction::newest_first);
    journal_walk w(journal, d, std::nullopt);
    std::size_t seen = 0;
    for (const auto* lines = &w.next(); !lines->empty(); lines = &w.next()) seen += lines->size();
    CHECK_FALSE(w.has_left_journal());
    CHECK(seen >= 7 - 1);
    CHECK(seen < 9);
    const auto damaged = w.take_damaged();
    REQUIRE(damaged.size() == 1);
    CHECK(damaged[0].reason == "the file is missing");
}

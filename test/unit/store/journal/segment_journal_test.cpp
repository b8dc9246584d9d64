// What the journal promises: numbered lines that ordinary tools can read, nothing committed is lost, nothing
// uncommitted appears, torn tails are cut, damage is skipped and named, and walks see every line once in
// either direction.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "store/journal/journal_walk.hpp"
#include "store/journal/segment_journal.hpp"
#include "support/files.hpp"
#include "support/full_disk.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using distd::test::files_in;
using distd::test::text_of;
using distd::test::write_file;
namespace fs = std::filesystem;
using direction = journal_walk::direction;

namespace {

std::string line(int n) { return "{\"n\":" + std::to_string(n) + "}\n"; }

segment_journal::placed put(segment_journal& journal, int from, int count, const batch_label& label = {}) {
    std::string lines;
    for (int n = from; n < from + count; ++n) lines += line(n);
    journal.begin();
    const auto placed = journal.append(lines, static_cast<std::uint64_t>(count), label);
    journal.commit();
    return placed;
}

std::vector<std::uint64_t> walk(const segment_journal& journal, direction d,
                                std::optional<std::uint64_t> after = {}) {
    std::vector<std::uint64_t> seen;
    journal_walk w(journal, d, after);
    while (true) {
        const auto& lines = w.next();
        if (lines.empty()) return seen;
        for (const auto& l : lines) {
            CHECK(l.text.starts_with("{\"seq\":" + std::to_string(l.seq) + ","));
            seen.push_back(l.seq);
        }
    }
}

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all;
    for (auto n = first; n <= last; ++n) all.push_back(n);
    return all;
}
std::vector<std::uint64_t> reversed(std::vector<std::uint64_t> v) { return {v.rbegin(), v.rend()}; }

}  // namespace

TEST_CASE("a journal's file is JSON lines: a head, numbered lines, a checksum after each batch") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 7, 2);
    const auto synced = std::to_string(fs::file_size(dir / "00000000000000000001.ndjson"));
    put(journal, 9, 1, {"b-1", "::1", "9f86"});
    const auto files = files_in(dir.path());
    REQUIRE(files.size() == 1);
    CHECK(files[0].filename() == "00000000000000000001.ndjson");
    CHECK((fs::status(files[0]).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    std::ifstream in(files[0]);
    std::vector<std::string> lines;
    for (std::string l; std::getline(in, l);) lines.push_back(l);
    REQUIRE(lines.size() == 6);
    CHECK_THAT(lines[0], Catch::StartsWith(R"({"_segment":{"format":2,"first":1,"ids":[],"crc32":")"));
    CHECK(lines[1] == R"({"seq":1,"n":7})");
    CHECK(lines[2] == R"({"seq":2,"n":8})");
    CHECK_THAT(lines[3],
               Catch::StartsWith(
                   R"({"_batch":{"first":1,"lines":2,"bytes":32,"synced":0,"at":0,"ids":[],"crc32":")"));
    CHECK(lines[4] == R"({"seq":3,"n":9})");
    CHECK_THAT(lines[5], Catch::StartsWith(R"({"_batch":{"first":3,"lines":1,"bytes":16,"synced":)" + synced +
                                           R"(,"at":0,"ids":[["b-1","::1","9f86",3,1]],"crc32":")"));
}

TEST_CASE("a reopened journal continues with the next number") {
    test::temp_dir dir;
    { put(*std::make_unique<segment_journal>(segment_journal::setup{dir.path()}), 0, 3); }
    segment_journal journal({dir.path()});
    CHECK(journal.recovered().torn_bytes == 0);
    CHECK(journal.next() == 4);
    CHECK(put(journal, 3, 1).first == 4);
    CHECK(walk(journal, direction::oldest_first) == numbers(1, 4));
}

TEST_CASE("a torn tail is truncated, wherever it is torn, and all commits before it survive") {
    test::temp_dir dir;
    { put(*std::make_unique<segment_journal>(segment_journal::setup{dir.path()}), 0, 2); }
    const auto file = files_in(dir.path()).front();
    const auto committed = text_of(file);
    std::size_t torn_below = 0;
    {
        segment_journal journal({dir.path()});
        put(journal, 2, 3, {"later"});
        torn_below = text_of(file).size();
    }
    const auto all = text_of(file);
    for (auto size = committed.size(); size < torn_below; ++size) {
        write_file(file, all.substr(0, size));
        {
            segment_journal journal({dir.path()});
            REQUIRE(journal.recovered().torn_bytes == size - committed.size());
            REQUIRE(journal.recovered().damaged.empty());
            REQUIRE(journal.next() == 3);
            REQUIRE(walk(journal, direction::oldest_first) == numbers(1, 2));
            REQUIRE_FALSE(put(journal, 2, 3, {"later"}).repeated);
        }
        REQUIRE(text_of(file) == all);
    }
}

TEST_CASE("a first segment torn before its first commit is recreated") {
    test::temp_dir dir;
    const auto file = dir / "00000000000000000001.ndjson";
    std::string all;
    {
        segment_journal journal({dir.path()});
        put(journal, 0, 2);
        all = text_of(file);
    }
    for (std::size_t size = 0; size < all.size(); ++size) {
        write_file(file, all.substr(0, size));
        segment_journal journal({dir.path()});
        REQUIRE(journal.next() == 1);
        put(journal, 0, 2);
        REQUIRE(text_of(file) == all);
    }
}

TEST_CASE("damaged batches in the middle are skipped, named and counted; the sequence goes on") {
    test::temp_dir dir;
    {
        segment_journal journal({dir.path()});
        for (int i = 0; i < 4; ++i) put(journal, i * 10, 2);
    }
    const auto file = files_in(dir.path()).front();
    auto text = text_of(file);
    std::vector<std::uint64_t> expected{1, 2, 5, 6, 7, 8};
    SECTION("a flipped byte in a line") { text[text.find("\"n\":10")] ^= 1; }
    SECTION("a flipped byte in a trailer's sizes") { text[text.find("\"first\":3,\"lines\"") + 8] ^= 1; }
    SECTION("a trailer that is gone") {
        const auto at = text.find("{\"_batch\":{\"first\":3");
        text.replace(at, 30, std::string(30, '\0'));
    }
    SECTION("a line end that is gone") { text[text.find("\n", text.find("\"n\":10"))] = ' '; }
    SECTION("the last batch") {
        text[text.find("\"n\":30")] ^= 1;
        expected = {1, 2, 3, 4, 5, 6};
    }
    write_file(file, text);
    segment_journal journal({dir.path()});
    REQUIRE(journal.recovered().damaged.size() == 1);
    CHECK(journal.recovered().damaged[0].file == file);
    CHECK(journal.recovered().torn_bytes == 0);
    CHECK(walk(journal, direction::oldest_first) == expected);
    CHECK(walk(journal, direction::newest_first) == reversed(expected));
    CHECK(journal.next() >= 9);
    const auto after = put(journal, 99, 1).first;
    expected.push_back(after);
    CHECK(walk(journal, direction::oldest_first) == expected);
    journal_walk w(journal, direction::oldest_first, {});
    static_cast<void>(w.next());
    CHECK(w.take_damaged().size() == 1);
}

TEST_CASE(
    "damage of what was on the disk at an orderly end is reported, also when the last segment had been "
    "ended") {
    test::temp_dir dir;
    {
        segment_journal journal({dir.path()});
        for (int i = 0; i < 4; ++i) put(journal, i * 10, 2);
        journal.end_segment();
    }
    const auto file = files_in(dir.path()).front();
    auto text = text_of(file);
    text[text.find("\"n\":30")] ^= 1;
    write_file(file, text);
    segment_journal journal({dir.path()});
    CHECK(journal.recovered().damaged.size() == 1);
    CHECK(journal.recovered().torn_bytes == 0);
}

TEST_CASE("damage in a segment that others follow is named, wherever it is, and no other line is lost") {
    test::temp_dir dir;
    {
        segment_journal journal({.directory = dir.path(), .segment_bytes = 300});
        for (int i = 0; i < 6; ++i) put(journal, i * 10, 1);
        REQUIRE(journal.segments().size() > 1);
    }
    const auto file = files_in(dir.path()).front();
    const auto text = text_of(file);
    const auto last = text.rfind("{\"_batch\"");
    const auto damage_is_named = [&](const std::string& changed) {
        write_file(file, changed);
        const segment_journal journal({.directory = dir.path(), .segment_bytes = 300});
        for (const auto d : {direction::oldest_first, direction::newest_first}) {
            std::vector<std::uint64_t> seen;
            journal_walk w(journal, d, std::nullopt);
            for (const auto* lines = &w.next(); !lines->empty(); lines = &w.next())
                for (const auto& l : *lines) seen.push_back(l.seq);
            const auto damaged = w.take_damaged();
            REQUIRE_FALSE(damaged.empty());
            for (const auto& named : damaged) CHECK(named.file == file);
            CHECK(std::ranges::count(seen, 6) == 1);  // in the last one
        }
    };
    for (const auto at : {std::size_t{0}, text.find('\n'), text.find("\"n\":0"), last, text.size() - 1}) {
        CAPTURE(at);
        auto changed = text;
        changed[at] ^= 1;
        damage_is_named(changed);
    }
    damage_is_named(text.substr(0, last) + std::string(text.size() - last, '\0'));
    damage_is_named(std::string(text.size(), '\0'));
}

TEST_CASE("a batch that was torn by a crash is truncated with all behind it, and is no damage") {
    test::temp_dir dir;
    const auto file = dir / "00000000000000000001.ndjson";
    std::string text;
    {
        segment_journal journal({.directory = dir.path(), .sync_each_commit = false});
        put(journal, 0, 2);
        journal.sync();
        for (int i = 1; i < 4; ++i) put(journal, i * 10, 2);
        text = text_of(file);
    }
    text.replace(text.find("\"n\":20"), 3, 3, '\0');
    write_file(file, text);
    segment_journal journal({dir.path()});
    CHECK(journal.recovered().damaged.empty());
    CHECK(journal.recovered().torn_bytes > 0);
    CHECK(walk(journal, direction::oldest_first) == numbers(1, 4));
    CHECK(journal.next() == 5);
}

TEST_CASE("segments follow one another at their size, and walks cross them in both directions") {
    test::temp_dir dir;
    {
        segment_journal journal({.directory = dir.path(), .segment_bytes = 2000});
        for (int i = 0; i < 100; ++i) put(journal, i, 3);
        CHECK(files_in(dir.path()).size() > 5);
        CHECK(walk(journal, direction::oldest_first) == numbers(1, 300));
        CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 300)));
    }
    segment_journal journal({.directory = dir.path(), .segment_bytes = 2000});
    CHECK(journal.next() == 301);
    CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 300)));
    for (const std::uint64_t after : {1, 2, 17, 150, 299, 300}) {
        CHECK(walk(journal, direction::oldest_first, after) == numbers(after + 1, 300));
        CHECK(walk(journal, direction::newest_first, after) == reversed(numbers(1, after - 1)));
    }
    CHECK(walk(journal, direction::oldest_first, 0) == numbers(1, 300));
    CHECK(walk(journal, direction::newest_first, 1000) == reversed(numbers(1, 300)));
}

TEST_CASE("a walk from the oldest continues with new commits, each line once") {
    test::temp_dir dir;
    segment_journal journal({.directory = dir.path(), .segment_bytes = 500});
    journal_walk w(journal, direction::oldest_first, 2);
    CHECK(w.next().empty());
    std::vector<std::uint64_t> seen;
    for (int i = 0; i < 50; ++i) {
        put(journal, i, 2);
        for (const auto* lines = &w.next(); !lines->empty(); lines = &w.next())
            for (const auto& l : *lines) seen.push_back(l.seq);
    }
    CHECK(seen == numbers(3, 100));
}

TEST_CASE("what a reader has checked is cached for the next one, of the newest segment only") {
    test::temp_dir dir;
    segment_journal::setup setup{dir.path()};
    setup.segment_bytes = 2 << 20;
    segment_journal journal(setup);
    const auto kept = [&](std::size_t of) {
        const auto s = journal.segments().at(of);
        const auto blocks = s->blocks();
        return std::count_if(blocks.begin(), blocks.end(),
                             [&](const auto& b) { return s->kept(b).bytes == b.bytes; });
    };
    put(journal, 1, 40'000);
    CHECK(kept(0) == 0);
    CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 40'000)));
    CHECK(kept(0) == 1);
    put(journal, 40'001, 5);
    CHECK(kept(0) == 1);
    for (int i = 0; i < 2; ++i) CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 40'005)));
    CHECK(kept(0) == 2);
    put(journal, 40'006, 80'000);
    REQUIRE(journal.segments().size() == 1);
    put(journal, 120'006, 1);
    REQUIRE(journal.segments().size() == 2);
    CHECK(kept(0) == 0);
    CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 120'006)));
    CHECK(kept(0) == 0);
}

TEST_CASE("of a block that has grown only what was added is read again") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 1, 5);
    CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 5)));
    const auto file = files_in(dir.path()).at(0);
    const auto third = text_of(file).find("\"n\":3");
    std::fstream(file, std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(third)) << '!';
    put(journal, 6, 5);
    for (int i = 0; i < 2; ++i) CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 10)));
    // A walk from the oldest reads the file.
    journal_walk w(journal, direction::oldest_first, {});
    CHECK(w.next().front().seq == 6);
    CHECK(w.take_damaged().size() == 1);
}

TEST_CASE("a damaged block is not cached: each reader reports it") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 1, 40'000);
    const auto file = files_in(dir.path()).at(0);
    auto text = text_of(file);
    text[text.size() / 2] ^= 1;
    write_file(file, text);
    for (int i = 0; i < 2; ++i) {
        journal_walk w(journal, direction::newest_first, {});
        CHECK(w.next().empty());
        CHECK(w.take_damaged().size() == 1);
    }
}

TEST_CASE("a walk skips what a filter on the text of many lines rules out") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 1, 20'000);
    put(journal, 20'001, 20'000);
    for (const auto d : {direction::newest_first, direction::oldest_first}) {
        journal_walk w(journal, d, {});
        int asked = 0;
        w.filter_text([&](std::string_view all) {
            ++asked;
            return all.find("\"n\":20001}") != std::string_view::npos;
        });
        const auto seen = w.next();
        CHECK(seen.size() == 20'000);
        CHECK(std::min(seen.front().seq, seen.back().seq) == 20'001);
        CHECK(w.next().empty());
        CHECK(w.passed() == (d == direction::newest_first ? 1 : 40'000));
        CHECK(asked == 2);
    }
}

TEST_CASE("a large commit is written in several batches and read back whole") {
    test::temp_dir dir;
    segment_journal journal({.directory = dir.path(), .segment_bytes = 1 << 20});
    const std::string big = "{\"text\":\"" + std::string(100'000, 'x') + "\"}\n";
    journal.begin();
    for (int i = 0; i < 100; ++i) journal.append(big, 1);
    journal.commit();
    put(journal, 1, 1);
    CHECK(walk(journal, direction::oldest_first) == numbers(1, 101));
    CHECK(walk(journal, direction::newest_first) == reversed(numbers(1, 101)));
}

TEST_CASE(
    "a sender's batch is stored once, also over a restart and across segments, for as long as is promised") {
    test::temp_dir dir;
    const segment_journal::setup setup{
        .directory = dir.path(), .segment_bytes = 300, .remembered = {.seconds = 60}};
    const steady_point start{};
    const auto label = [&](const char* id, int second) {
        return batch_label{id, "s", "c", start + std::chrono::seconds(second)};
    };
    {
        segment_journal journal(setup);
        CHECK_FALSE(put(journal, 0, 2, label("a", 0)).repeated);
        const auto again = put(journal, 0, 2, label("a", 0));
        CHECK(again.repeated);
        CHECK(again.first == 1);
        CHECK(again.lines == 2);
        for (const auto* id : {"b", "c"}) put(journal, 0, 2, label(id, 30));
        CHECK(journal.next() == 7);
    }
    {
        segment_journal journal(setup);
        for (const auto* id : {"a", "b", "c"}) CHECK(put(journal, 0, 2, label(id, 5000)).repeated);
        CHECK_FALSE(put(journal, 0, 2, label("d", 5031)).repeated);
        CHECK(put(journal, 0, 2, label("b", 5031)).repeated);
    }
    segment_journal journal(setup);
    CHECK_FALSE(put(journal, 0, 2, label("a", 9000)).repeated);
    for (const auto* id : {"b", "c", "d"}) CHECK(put(journal, 0, 2, label(id, 9000)).repeated);
    CHECK(journal.next() == 11);
}

TEST_CASE(
    "batches are known after a restart when their segments have become parts, and their files go in time") {
    test::temp_dir dir;
    const segment_journal::setup setup{
        .directory = dir.path(), .segment_bytes = 300, .remembered = {.seconds = 60}};
    const auto files_of_ids = [&] {
        const auto files = files_in(dir.path());
        return std::ranges::count_if(files, [](const auto& f) { return fs::path(f).extension() == ".ids"; });
    };
    for (int life = 0; life < 10; ++life) {
        segment_journal journal(setup);
        for (int i = 0; i < 10; ++i) {
            const auto id = "b" + std::to_string(10 * life + i);
            put(journal, 0, 2, {id, "s", "c", steady_point{} + std::chrono::seconds(4 * i)});
            while (journal.has_closed_segments()) journal.forget_oldest();
        }
    }
    CHECK(files_of_ids() <= 4);
    segment_journal journal(setup);
    for (int i = 90; i < 100; ++i) CHECK(put(journal, 0, 2, {"b" + std::to_string(i), "s", "c"}).repeated);
    CHECK_FALSE(put(journal, 0, 2, {"b70", "s", "c"}).repeated);
}

TEST_CASE("what a file of ids shows to have been stored is damaged, and not torn") {
    test::temp_dir dir;
    test::temp_dir left;  // by a killed process
    segment_journal journal({dir.path()});
    put(journal, 0, 2, {"a", "s", "c"});
    put(journal, 2, 1, {"b", "s", "c"});
    journal.end_segment();
    put(journal, 3, 1);  // the next segment, whose name is not on the disk yet
    for (const auto& file : files_in(dir.path())) fs::copy(file, left.path() / file.filename());
    const auto first = left / "00000000000000000001.ndjson";
    auto text = text_of(first);
    text.at(text.find("\"n\":2") + 4) = '7';
    write_file(first, text);
    REQUIRE(fs::remove(fs::path(left / "00000000000000000004.ndjson")));
    segment_journal next({left.path()});
    REQUIRE(next.recovered().damaged.size() == 1);
    CHECK(next.recovered().damaged[0].file == first);
    CHECK(next.recovered().torn_bytes == 0);
    CHECK(put(next, 9, 1).first > 3);
    CHECK(put(next, 2, 1, {"b", "s", "c"}).first == 3);
}

TEST_CASE(
    "what comes under the id of another batch is refused, and what another sender sends under it is its "
    "own") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 0, 2, {"a", "one", "c1"});
    const auto other = put(journal, 5, 2, {"a", "one", "c2"});
    CHECK(other.contradicts);
    CHECK_FALSE(other.repeated);
    CHECK(journal.next() == 3);
    const auto own = put(journal, 5, 2, {"a", "two", "c2"});
    CHECK_FALSE(own.contradicts);
    CHECK(own.first == 3);
}

// As the version before wrote it.
TEST_CASE("a format 1 segment is read, and new lines go to a new segment") {
    test::temp_dir dir;
    const std::string text =
        "{\"_segment\":{\"format\":1,\"first\":3,\"ids\":[[\"a\",1,2]],\"crc32\":\"772daed5\"}}\n"
        "{\"seq\":3,\"n\":2}\n"
        "{\"_batch\":{\"first\":3,\"lines\":1,\"bytes\":16,\"ids\":[[\"b\",3,1]],\"crc32\":\"bafdcfac\"}}\n";
    const auto file = dir / "00000000000000000003.ndjson";
    write_file(file, text);
    {
        segment_journal journal({dir.path()});
        CHECK(journal.recovered().damaged.empty());
        CHECK(journal.next() == 4);
        for (const auto* id : {"a", "b"}) CHECK(put(journal, 0, 1, {id, "anybody", "anything"}).repeated);
        CHECK(put(journal, 0, 1).first == 4);
        CHECK(walk(journal, direction::oldest_first) == numbers(3, 4));
        CHECK(text_of(file) == text);
    }
    segment_journal journal({dir.path()});
    CHECK(put(journal, 0, 1, {"a", "anybody", "anything"}).repeated);
}

TEST_CASE(
    "in a segment of the first format a batch that was not finished is cut, and one that is wrong is "
    "damaged") {
    test::temp_dir dir;
    std::string text =
        "{\"_segment\":{\"format\":1,\"first\":3,\"ids\":[[\"a\",1,2]],\"crc32\":\"772daed5\"}}\n"
        "{\"seq\":3,\"n\":2}\n"
        "{\"_batch\":{\"first\":3,\"lines\":1,\"bytes\":16,\"ids\":[[\"b\",3,1]],\"crc32\":\"bafdcfac\"}}\n";
    const auto file = dir / "00000000000000000003.ndjson";
    SECTION("not finished") {
        write_file(file, text + "{\"seq\":4,\"n\":7}\n");
        segment_journal journal({dir.path()});
        CHECK(journal.recovered().damaged.empty());
        CHECK(journal.recovered().torn_bytes == 16);
        CHECK(walk(journal, direction::oldest_first) == numbers(3, 3));
    }
    SECTION("wrong") {
        text[text.find("\"n\":2") + 4] = '3';
        write_file(file, text);
        segment_journal journal({dir.path()});
        CHECK(journal.recovered().damaged.size() == 1);
        CHECK(text_of(file) == text);
    }
}

TEST_CASE("a rollback leaves no line, number or id") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 0, 1);
    const auto before = text_of(files_in(dir.path()).front());
    journal.begin();
    journal.append(line(1), 1, {"x"});
    journal.append("{\"big\":\"" + std::string(5 << 20, 'x') + "\"}\n",
                   1);  // was written to the file already
    journal.rollback();
    CHECK(text_of(files_in(dir.path()).front()) == before);
    CHECK(journal.next() == 2);
    const auto placed = put(journal, 1, 1, {"x"});
    CHECK_FALSE(placed.repeated);
    CHECK(placed.first == 2);
}

TEST_CASE(
    "a full disk fails the commit as storage_full, keeps what is stored readable, and writing resumes") {
    test::temp_dir dir;
    segment_journal journal({dir.path()});
    put(journal, 0, 1);

    // write(2) stores a part, then fails.
    test::full_disk disk(2000);
    std::optional<errc> code;
    try {
        put(journal, 1, 500);
    } catch (const store_error& e) {
        code = e.code();
        journal.rollback();
    }
    disk.has_room_again();
    CHECK(code == errc::storage_full);
    CHECK(walk(journal, direction::oldest_first) == numbers(1, 1));
    CHECK(put(journal, 1, 500).first == 2);
    CHECK(walk(journal, direction::oldest_first) == numbers(1, 501));
}

TEST_CASE("a segment of a newer format is refused and not modified") {
    test::temp_dir dir;
    const auto file = dir / "00000000000000000001.ndjson";
    const std::string text = "{\"_segment\":{\"format\":3,\"whatever\":true}}\nrows\n";
    write_file(file, text);
    CHECK_THROWS_WITH(segment_journal({dir.path()}), Catch::Contains("is of format 3"));
    CHECK(text_of(file) == text);
}

TEST_CASE("a flipped bit in the number of a segment's format is damage, not a newer format") {
    test::temp_dir dir;
    {
        segment_journal journal({dir.path()});
        put(journal, 0, 3);
    }
    const auto file = dir / "00000000000000000001.ndjson";
    auto text = text_of(file);
    const auto number = text.find("\"format\":2") + 9;
    for (const char flipped : {'0', '3', '5', '9', 'q'}) {
        text[number] = flipped;
        write_file(file, text);
        segment_journal journal({dir.path()});
        REQUIRE(journal.recovered().damaged.size() == 1);
        CHECK(walk(journal, direction::oldest_first) == numbers(1, 3));
    }
}

TEST_CASE("a segment file without any batch is set aside, not deleted") {
    test::temp_dir dir;
    write_file(dir / "00000000000000000005.ndjson", "a diary\n");
    segment_journal journal({dir.path()});
    CHECK(journal.next() == 5);
    CHECK(text_of(dir / "00000000000000000005.ndjson.torn") == "a diary\n");
}

// A journal whose commits are made durable on a doublewrite file first: nothing committed is lost when the
// machine goes down before the segments reached the disk, nothing uncommitted appears, and what is damaged
// after an orderly end is told and not papered over.
#include <catch2/catch.hpp>
#include <filesystem>

#include "store/journal/journal_walk.hpp"
#include "store/journal/segment_journal.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using distd::test::files_in;
using distd::test::text_of;
using distd::test::write_file;
namespace fs = std::filesystem;

namespace {

struct place {
    place() { fs::create_directory(dir / "journal"); }

    [[nodiscard]] segment_journal::setup setup(std::uint64_t segment_bytes = 64 << 20) const {
        segment_journal::setup s;
        s.directory = dir / "journal";
        s.segment_bytes = segment_bytes;
        s.doublewrite = doublewrite();
        s.doublewrite_bytes = 64 << 10;
        s.commits_before_doublewrite = 1;
        return s;
    }
    [[nodiscard]] fs::path doublewrite() const { return dir / "commits.pad"; }
    [[nodiscard]] fs::path last_segment() const { return files_in(dir / "journal").back(); }

    test::temp_dir dir;
};

// What a machine's disk holds when it goes down now, if all of it had been written.
struct snapshot : place {
    explicit snapshot(const place& of) {
        fs::copy(of.dir / "journal", dir / "journal", fs::copy_options::recursive);
        fs::copy_file(of.doublewrite(), doublewrite());
    }
};

void put(segment_journal& journal, int count, std::size_t bytes = 10) {
    journal.begin();
    for (int i = 0; i < count; ++i) journal.append("{\"n\":\"" + std::string(bytes, 'x') + "\"}\n", 1);
    journal.commit();
}

std::uint64_t lines_in(const segment_journal& journal) {
    std::uint64_t seen = 0;
    journal_walk w(journal, journal_walk::direction::oldest_first, std::nullopt);
    for (const auto* lines = &w.next(); !lines->empty(); lines = &w.next())
        for (const auto& l : *lines) CHECK(l.seq == ++seen);
    CHECK(w.take_damaged().empty());
    return seen;
}

// The machine went down with the segment as `text`.
void expect_whole(const place& p, const std::string& text, const std::string& whole, std::uint64_t lines) {
    snapshot after(p);
    write_file(after.last_segment(), text);
    segment_journal journal(after.setup());
    CHECK(journal.recovered().torn_bytes == 0);
    CHECK(journal.recovered().damaged.empty());
    CHECK((journal.recovered().replayed_bytes > 0) == (text != whole));
    CHECK(journal.next() == lines + 1);
    CHECK(lines_in(journal) == lines);
    CHECK(text_of(after.last_segment()).starts_with(whole));
    CHECK_FALSE(fs::exists(after.doublewrite()));
}

}  // namespace

TEST_CASE("commits on a doublewrite file are all found, wherever a crash tore the segment") {
    place p;
    segment_journal journal(p.setup());
    put(journal, 3, 9000);  // too large for the doublewrite file: the segment itself is synced
    for (int i = 0; i < 5; ++i) put(journal, 2);
    const auto entries = doublewrite_file::left_on(p.doublewrite());
    REQUIRE(entries.size() == 5);
    const auto synced = entries.front().offset;
    const auto whole = text_of(p.last_segment());
    REQUIRE(synced > 27'000);
    REQUIRE(synced + 500 < whole.size());
    for (auto size = synced; size <= whole.size(); size += 7)
        expect_whole(p, whole.substr(0, size), whole, 13);
    expect_whole(p, whole.substr(0, synced) + std::string(whole.size() - synced, '\0'), whole, 13);
    auto holed = whole;
    holed.replace(synced + 200, 150, std::string(150, '\0'));
    expect_whole(p, holed, whole, 13);
    expect_whole(p, whole, whole, 13);
}

TEST_CASE("a damaged entry of the doublewrite file is reported, and costs no other one") {
    place p;
    segment_journal journal(p.setup());
    put(journal, 3, 9000);
    for (int i = 0; i < 5; ++i) put(journal, 2);
    const auto entries = doublewrite_file::left_on(p.doublewrite());
    REQUIRE(entries.size() == 5);
    const bool is_in_the_segment = GENERATE(false, true);  // what the disk has damaged on the other file
    snapshot after(p);
    if (!is_in_the_segment) fs::resize_file(after.last_segment(), entries.front().offset);
    auto text = text_of(after.doublewrite());
    text[entries[2].position + 60] ^= 1;
    write_file(after.doublewrite(), text);
    {
        segment_journal opened(after.setup());
        const auto& r = opened.recovered();
        REQUIRE(r.damaged.size() == (is_in_the_segment ? 1 : 2));
        CHECK(r.damaged[0].file == after.doublewrite());
        CHECK(r.damaged[0].offset == entries[2].position);
        CHECK(r.damaged[0].bytes == 4096);
        CHECK(r.torn_bytes == 0);
        CHECK(opened.next() == 14);
        CHECK_FALSE(fs::exists(after.doublewrite()));
        CHECK(text_of(after.doublewrite().string() + ".damaged") == text);
    }
    segment_journal again(after.setup());
    CHECK(again.next() == 14);
    CHECK(again.recovered().torn_bytes == 0);
    std::vector<std::uint64_t> lines;
    journal_walk w(again, journal_walk::direction::oldest_first, std::nullopt);
    for (const auto* some = &w.next(); !some->empty(); some = &w.next())
        for (const auto& l : *some) lines.push_back(l.seq);
    std::vector<std::uint64_t> left{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    if (!is_in_the_segment) left.erase(left.begin() + 7, left.begin() + 9);
    CHECK(lines == left);
    CHECK(w.take_damaged().empty() == is_in_the_segment);
}

TEST_CASE("a segment that is shorter than what was synced of it is reported, and opened with what is there") {
    place p;
    segment_journal journal(p.setup());
    put(journal, 1, 9000);  // synced
    put(journal, 1);
    snapshot after(p);
    fs::resize_file(after.last_segment(), doublewrite_file::left_on(p.doublewrite()).front().offset - 20);
    put(journal, 1);
    segment_journal cut(after.setup());
    REQUIRE(cut.recovered().damaged.size() == 1);
    CHECK(cut.recovered().damaged.front().reason == "it ends before what the doublewrite file holds of it");
    CHECK(cut.recovered().replayed_bytes == 0);
}

TEST_CASE("a segment that never reached the disk is restored from the doublewrite file") {
    place p;
    segment_journal journal(p.setup());
    for (int i = 0; i < 4; ++i) put(journal, 1);
    expect_whole(p, "", text_of(p.last_segment()), 4);
}

TEST_CASE("a full pad is cleared when the segment is synced, also from one segment to the next") {
    place p;
    segment_journal journal(p.setup(200'000));
    std::uint64_t lines = 0;
    std::uint64_t replays = 0;
    for (int i = 0; i < 400; ++i) {
        put(journal, 1 + i % 3, 700);
        lines += static_cast<std::uint64_t>(1 + i % 3);
        if (i % 23 != 0) continue;
        snapshot after(p);
        const auto whole = text_of(after.last_segment());
        const auto entries = doublewrite_file::left_on(after.doublewrite());
        const auto first = std::stoull(after.last_segment().stem().string());
        std::uint64_t synced = whole.size();
        for (const auto& e : entries)
            if (e.file == first) synced = std::min(synced, e.offset);
        // What a later sync has covered is in the doublewrite file, too, until something is put over it. A
        // commit that is not on it was such a sync.
        const auto& last = entries.empty() ? doublewrite_file::entry{} : entries.back();
        if (last.offset + last.bytes.size() != whole.size()) synced = whole.size();
        fs::resize_file(after.last_segment(), synced);
        segment_journal again(after.setup(200'000));
        if (again.recovered().replayed_bytes > 0) ++replays;
        CHECK(lines_in(again) == lines);
        CHECK(text_of(after.last_segment()).starts_with(whole));
    }
    CHECK(replays > 10);
    CHECK(files_in(p.dir / "journal").size() > 2);
}

TEST_CASE("rolled back commits are not in the doublewrite file, nor do large ones disturb it") {
    place p;
    segment_journal journal(p.setup());
    put(journal, 1);
    journal.begin();
    journal.append("{\"n\":\"undone\"}\n", 1);
    journal.rollback();
    put(journal, 1);
    put(journal, 2, 9000);
    put(journal, 1);
    const auto whole = text_of(p.last_segment());
    CHECK(whole.find("undone") == std::string::npos);
    expect_whole(p, whole, whole, 5);
}

TEST_CASE("after an orderly end nothing is replayed: damage that is done then is reported") {
    place p;
    {
        segment_journal journal(p.setup());
        for (int i = 0; i < 3; ++i) put(journal, 1);
    }
    CHECK_FALSE(fs::exists(p.doublewrite()));
    auto text = text_of(p.last_segment());
    text[text.find("xxxx")] = 'y';
    write_file(p.last_segment(), text);
    segment_journal journal(p.setup());
    CHECK(journal.recovered().replayed_bytes == 0);
    CHECK(journal.recovered().damaged.size() == 1);
}

TEST_CASE("a journal that is rarely written has no doublewrite file, nor one that cannot create it") {
    place p;
    auto seldom = p.setup();
    seldom.commits_before_doublewrite = 4;
    {
        segment_journal journal(seldom);
        for (int i = 0; i < 3; ++i) put(journal, 1);
        CHECK_FALSE(fs::exists(p.doublewrite()));
        put(journal, 1);
        CHECK(fs::exists(p.doublewrite()));
    }
    auto nowhere = p.setup();
    nowhere.doublewrite = p.dir / "none/commits.pad";
    segment_journal journal(nowhere);
    for (int i = 0; i < 3; ++i) put(journal, 1);
    CHECK(lines_in(journal) == 7);
}

// Sealing, putting together and dropping: every line is found once and as it was, before, meanwhile and
// after, whatever the process died of in between.
#include <sys/resource.h>
#include <catch2/catch.hpp>
#include <csignal>
#include <random>

#include "role/log/core/record.hpp"
#include "role/log/field_scan.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/log_on_disk.hpp"

using namespace distd;
using distd::test::files_in;
using distd::test::text_of;
using distd::test::write_file;
using namespace distd::logs;
namespace fs = std::filesystem;

namespace {

constexpr auto now_ns = log_on_disk::now_ns;

std::string record(std::uint64_t n) {
    std::string line;
    const auto text = R"({"service":"s)" + std::to_string(n % 3) + R"(","level":")" +
                      (n % 10 == 0 ? "error" : "info") + R"(","trace":")" +
                      std::string(31, static_cast<char>('a' + n % 6)) + "7" + R"(","message":"line number )" +
                      std::to_string(n) + R"( of many","n":)" + std::to_string(n) + "}";
    REQUIRE_FALSE(append_json_record(line, text, now_ns + static_cast<std::int64_t>(n) * 1000));
    return line;
}

// A log of numbered lines.
struct kept_log : log_on_disk {
    using log_on_disk::log_on_disk;

    void put(std::uint64_t count) {
        std::string lines;
        for (auto n = journal.next(); count-- > 0; ++n) lines += record(n);
        append(lines);
    }
    void put_in_batches(int batches, std::uint64_t lines) {
        while (batches-- > 0) put(lines);
    }
};

std::string numbered(std::uint64_t first, std::uint64_t last) {
    std::string all;
    for (auto n = first; n <= last; ++n) append_numbered(all, n, record(n));
    return all;
}
std::string backwards(const std::string& lines) {
    std::string all;
    for (auto end = lines.size(); end > 0;) {
        const auto start = end == 1 ? 0 : lines.rfind('\n', end - 2) + 1;
        all += lines.substr(start, end - start);
        end = start;
    }
    return all;
}

log_query query(const std::map<std::string, std::string, std::less<>>& parameters) {
    auto q = parse_query(parameters);
    REQUIRE(q.value);
    return *std::move(q.value);
}

}  // namespace

TEST_CASE("closed segments are sealed, all lines are found as they were, and only the last segment stays") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(50, 10);
    CHECK(log.journal.segments().size() > 5);
    const auto report = log.work();
    CHECK(report.failure.empty());
    CHECK(report.sealed > 5);
    CHECK(log.journal.segments().size() == 1);
    CHECK(files_in(dir / "journal").size() == 1);
    CHECK(log.find_all() == numbered(1, 500));
    CHECK(log.find_all(false) == backwards(numbered(1, 500)));
    log.put(5);
    CHECK(log.find_all() == numbered(1, 505));
}

TEST_CASE("questions have the same answers from parts as from the journal") {
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
            search s(log.shelf, log.journal, log.helper, q);
            const auto page = s.step();
            REQUIRE(page.is_end);
            if (page.lines.empty()) break;
            all += page.text;
            after = page.lines.back().seq;
        }
        CHECK(all == (oldest_first ? numbered(1, 300) : backwards(numbered(1, 300))));
    }
}

TEST_CASE("a reader from the oldest goes on across sealing, merging and new lines, each line once") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put(1);
    log_query q;
    q.oldest_first = true;
    q.after = 0;
    q.limit = UINT64_MAX;
    search s(log.shelf, log.journal, log.helper, q);
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

TEST_CASE("a reader from the newest that has begun finds the rest when it is sealed meanwhile") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    log_query q;
    q.limit = UINT64_MAX;
    log_walk walk(log.shelf, log.journal, log_walk::direction::newest_first, {}, q.filter);
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

TEST_CASE("small parts are put together, and a reader that is in one of them reads on") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    upkeep_report report;
    int steps = 0;
    report = log.keeper.work(now_ns, [&] { return ++steps > 7; });  // sealed, not yet put together
    REQUIRE(log.shelf.parts()->size() == 7);
    const part_input reading(log.shelf.parts()->front());
    report = log.work();
    CHECK(report.merged >= least_merged);
    CHECK(log.shelf.parts()->size() < 8);
    CHECK(files_in(dir / "parts").size() == log.shelf.parts()->size());
    const auto source = reading.source(0);
    block_reader reader(reading.block(0).head, source);
    std::string first;
    reader.append_line(first, 0);
    CHECK(first + "\n" == numbered(1, 1));
    CHECK(log.find_all() == numbered(1, 600));
    kept_log again(dir.path());
    CHECK(again.find_all() == numbered(1, 600));
    CHECK(again.journal.next() == 601);
}

TEST_CASE("whatever was left behind by a kill, each line is found once after the next start") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(30, 10);
    }
    test::temp_dir before;  // the state before anything was sealed
    fs::copy(dir.path(), before.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    {
        kept_log log(dir.path());
        REQUIRE(log.work().sealed > 2);
    }
    const auto parts = files_in(dir / "parts");
    SECTION("the part is there, and the segment still is") {
        for (const auto& file : files_in(before / "journal"))
            fs::copy_file(file, dir / "journal" / file.filename(), fs::copy_options::skip_existing);
    }
    SECTION("a part was being written") {
        write_file(parts[0].string() + ".tmp", text_of(parts[0]).substr(0, 500));
    }
    SECTION("parts were put together, and the old ones still are there") {
        std::vector<fs::path> old;
        {
            const part_shelf shelf(dir / "parts");
            part_writer out(dir / "parts", shelf.parts()->front()->first(), shelf.parts()->back()->last());
            for (const auto& p : *shelf.parts()) {
                const part_input in(p);
                for (std::size_t i = 0; i < p->index().blocks.size(); ++i) out.add(in, i);
            }
            static_cast<void>(out.finish(1));
        }
        CHECK(part_shelf(dir / "parts").parts()->size() == 1);
    }
    SECTION("the last segment is gone") { fs::remove(files_in(dir / "journal").back()); }
    kept_log log(dir.path());
    const auto all = log.find_all();
    const auto last = std::count(all.begin(), all.end(), '\n');
    CHECK(all == numbered(1, static_cast<std::uint64_t>(last)));
    CHECK(log.journal.next() == static_cast<std::uint64_t>(last) + 1);
    log.put(3);
    CHECK(log.find_all() == numbered(1, static_cast<std::uint64_t>(last) + 3));
}

TEST_CASE("a damaged block of a part is skipped and named, the others are found") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(30, 10);
        static_cast<void>(log.work());
    }
    const auto file = files_in(dir / "parts").front();
    auto text = text_of(file);
    text[200 + part_start_bytes] = static_cast<char>(text[200 + part_start_bytes] ^ 0x55);
    write_file(file, text);
    kept_log log(dir.path());
    const auto last_lost = log.shelf.parts()->front()->last();
    const auto found = log.find_all();
    if (!log.damaged.empty()) {
        CHECK(log.damaged[0].file == file);
        CHECK(found == numbered(last_lost + 1, 300));
    } else {
        CHECK(found == numbered(1, 300));  // the byte belonged to the block's own copy of its head
    }
}

TEST_CASE("a part that somebody took away is named, and all others are found") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    int steps = 0;
    static_cast<void>(log.keeper.work(now_ns, [&] { return ++steps > 7; }));  // sealed, not yet put together
    const auto gone = log.shelf.parts()->at(3);
    fs::remove(gone->file());
    const auto left = numbered(1, gone->first() - 1) + numbered(gone->last() + 1, 600);
    CHECK(log.find_all() == left);
    REQUIRE(log.damaged.size() == 1);
    CHECK(log.damaged[0].file == gone->file());
    CHECK(log.find_all(false) == backwards(left));
    log.put_in_batches(100, 10);
    const auto report = log.work();
    CHECK(report.failure.empty());
    CHECK(report.merged >= least_merged);
    CHECK(log.find_all() == left + numbered(601, 1600));
}

TEST_CASE("a part that the disk does not give back costs its own lines, not the start") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(60, 10);
        int steps = 0;
        static_cast<void>(log.keeper.work(now_ns, [&] { return ++steps > 7; }));
    }
    const auto file = files_in(dir / "parts").at(3);
    const auto lost = *part::range_of(file);
    // A folder can be opened, and not be read, as a file on a disk that fails.
    fs::remove(file);
    fs::create_directory(file);
    kept_log log(dir.path());
    REQUIRE_FALSE(log.shelf.damaged().empty());
    CHECK(log.shelf.damaged()[0].file == file);
    CHECK(log.find_all() == numbered(1, lost.first - 1) + numbered(lost.last + 1, 600));
    CHECK(log.find(query({{"q", "\"number 600\""}})) == numbered(600, 600));
    // It is not put together with others, which would be its end: the disk may recover.
    log.put_in_batches(200, 10);
    CHECK(log.work().merged >= least_merged);
    CHECK(fs::exists(file));
    CHECK(log.find_all() == numbered(1, lost.first - 1) + numbered(lost.last + 1, 2600));
}

TEST_CASE("a part is read where the disk gives it, also while the service runs") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    int steps = 0;
    static_cast<void>(log.keeper.work(now_ns, [&] { return ++steps > 7; }));
    const auto bad = log.shelf.parts()->at(3);
    fs::remove(bad->file());
    fs::create_directory(bad->file());
    const auto left = numbered(1, bad->first() - 1) + numbered(bad->last() + 1, 600);
    CHECK(log.find_all() == left);
    REQUIRE_FALSE(log.damaged.empty());
    CHECK(log.damaged[0].file == bad->file());
    CHECK(log.find(query({{"q", "\"number 600\""}, {"order", "oldest"}})) == numbered(600, 600));
    field_scan fields(log.shelf, log.journal, {});
    field_scan::progress p;
    while (!p.is_end) {
        p = fields.step();
        REQUIRE(p.failure.empty());
    }
    CHECK(fields.counts().lines() == 600 - (bad->last() - bad->first() + 1));
}

TEST_CASE("a segment that is damaged is sealed without what cannot be read, and set aside, not deleted") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(30, 10);
    }
    const auto file = files_in(dir / "journal").front();
    auto text = text_of(file);
    text[text.find("number 15 ")] ^= 1;
    write_file(file, text);
    kept_log log(dir.path());
    const auto report = log.work();
    REQUIRE(report.damaged.size() == 1);
    CHECK(report.damaged[0].file == file);
    CHECK(log.find_all() == numbered(1, 10) + numbered(21, 300));
    CHECK(text_of(file.string() + ".damaged") == text);
}

TEST_CASE("over the size the oldest lines go, and what is left is under it") {
    test::temp_dir dir;
    const upkeep_limits limits{{30'000, 0}, {8'000}, 0};
    kept_log log(dir.path(), limits);
    std::uint64_t dropped = 0;
    for (int i = 0; i < 150; ++i) {
        log.put_in_batches(6, 10);
        const auto report = log.work();
        CHECK(report.failure.empty());
        dropped += report.dropped_lines;
        REQUIRE(log.keeper.bytes() <= 30'000);
    }
    CHECK(dropped > 0);
    CHECK(log.keeper.first_line() == dropped + 1);
    CHECK(log.find_all() == numbered(dropped + 1, 9000));
    kept_log again(dir.path(), limits);
    CHECK(again.keeper.first_line() == dropped + 1);
    CHECK(again.find_all() == numbered(dropped + 1, 9000));
}

TEST_CASE("lines that arrived too long ago go") {
    test::temp_dir dir;
    constexpr std::int64_t hour = 3'600'000'000'000;
    kept_log log(dir.path(), {{0, hour}, {}, 0});
    log.put_in_batches(30, 10);
    const auto arrived =
        std::chrono::file_clock::to_sys(fs::last_write_time(files_in(dir / "journal").front()))
            .time_since_epoch();
    const auto start = std::chrono::duration_cast<std::chrono::nanoseconds>(arrived).count();
    CHECK(log.work(start + hour / 2).dropped_files == 0);
    const auto last_sealed = log.shelf.last();
    REQUIRE(last_sealed > 0);
    CHECK(log.work(start + 2 * hour).dropped_lines == last_sealed);
    CHECK(log.find_all() == numbered(last_sealed + 1, 300));
}

TEST_CASE("when a part cannot be written the segment stays, and is sealed when there is room") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(30, 10);
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    rlimit tight{100, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const auto failed = log.work();
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    CHECK_THAT(failed.failure, Catch::Contains("cannot write"));
    CHECK(files_in(dir / "parts").empty());
    CHECK(log.find_all() == numbered(1, 300));
    CHECK(log.work().failure.empty());
    CHECK(log.journal.segments().size() == 1);
    CHECK(log.find_all() == numbered(1, 300));
}

TEST_CASE("a reserve is kept, given away when the disk is full, and taken again") {
    test::temp_dir dir;
    kept_log log(dir.path(), {{}, {}, 1 << 20});
    static_cast<void>(log.work());
    const auto reserve = fs::path(dir / "parts") / "reserve";
    CHECK(fs::file_size(reserve) == 1 << 20);
    log.put_in_batches(30, 10);
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    rlimit tight{100, old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    static_cast<void>(log.work());
    CHECK_FALSE(fs::exists(reserve));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    static_cast<void>(log.work());
    CHECK(fs::file_size(reserve) == 1 << 20);
}

TEST_CASE("which files go, and which parts are put together") {
    const std::vector<kept_file> files{{100, 10}, {100, 20}, {100, 30}};
    CHECK(files_to_drop(files, 50, {}, 1000) == 0);
    CHECK(files_to_drop(files, 50, {350, 0}, 1000) == 0);
    CHECK(files_to_drop(files, 50, {349, 0}, 1000) == 1);
    CHECK(files_to_drop(files, 50, {1, 0}, 1000) == 3);
    CHECK(files_to_drop(files, 50, {0, 975}, 1000) == 2);
    const auto chosen = [](std::vector<std::uint64_t> sizes, std::uint64_t most) {
        std::vector<kept_part> parts;
        for (const auto size : sizes) parts.push_back({size, 0});
        const auto c = parts_to_merge(parts, {most, 0});
        return std::pair(c.first, c.count);
    };
    using choice = std::pair<std::size_t, std::size_t>;
    CHECK(chosen({1, 1, 1, 1, 1, 1, 1}, 100) == choice(0, 0));
    CHECK(chosen({1, 1, 1, 1, 1, 1, 1, 1}, 100) == choice(0, 8));
    CHECK(chosen({90, 1, 1, 1, 1, 1, 1, 1, 1}, 100) == choice(1, 8));  // 90 is not written again for 8
    CHECK(chosen({16, 16, 16, 16, 16, 16, 16, 16, 16, 16}, 128) == choice(2, 8));
    CHECK(chosen({60, 60, 60, 60, 60, 60, 60, 60}, 100) == choice(0, 0));
}

TEST_CASE("where lines stay for a short time only, those of a long time are not put together") {
    std::vector<kept_part> parts;
    for (int i = 1; i <= 20; ++i) parts.push_back({100, i * 10});
    const auto all = parts_to_merge(parts, {});
    CHECK((all.first == 0 && all.count == 20));
    const auto some = parts_to_merge(parts, {256 << 20, 90});
    CHECK((some.first == 11 && some.count == 9));  // arrived after 110 and up to 200
    CHECK(parts_to_merge(parts, {256 << 20, 70}).count == 0);
    parts.resize(8);
    CHECK(parts_to_merge(parts, {256 << 20, 1000}).count ==
          0);  // nobody knows since when the first has lines

    constexpr std::int64_t hour = 3'600'000'000'000;
    CHECK(limits_for({0, 8 * hour}).merge.span_ns == hour);
    CHECK(limits_for({}).merge.span_ns == 0);
    CHECK(longest_segment({}) == std::chrono::hours(1));
    CHECK(longest_segment({0, 24 * hour}) == std::chrono::hours(1));
    CHECK(longest_segment({0, hour}) == std::chrono::nanoseconds(hour / 8));
    CHECK(longest_segment({0, 1}) == seconds(1));
}

TEST_CASE("lines of a part whose index is damaged are as old as its file, and stay") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(30, 10);
        static_cast<void>(log.work());
    }
    const auto file = files_in(dir / "parts").front();
    auto text = text_of(file);
    text.back() = '?';
    write_file(file, text);
    constexpr std::int64_t hour = 3'600'000'000'000;
    kept_log log(dir.path(), {{0, hour}, {}, 0});
    REQUIRE(log.shelf.damaged().size() == 1);
    CHECK(log.work(written_ns(file) + hour / 2).dropped_files == 0);
    CHECK(log.find_all() == numbered(1, 300));
    CHECK(log.work(written_ns(file) + 2 * hour).dropped_files > 0);
}

TEST_CASE("of a log that is full only a small part goes at once, also of lines that hardly pack") {
    const test::temp_dir dir;
    constexpr std::uint64_t most = 400'000;
    log_on_disk log(dir.path(), limits_for({most, 0}), most / 16);
    std::mt19937_64 random(7);
    std::uint64_t dropped = 0;
    for (int round = 0; round < 400; ++round) {
        std::string lines;
        for (int i = 0; i < 10; ++i) {
            lines += R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":")";
            for (int c = 0; c < 300; ++c)
                lines += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[random() % 64];
            lines += "\"}\n";
        }
        const auto before = log.keeper.bytes();
        log.append(lines);
        const auto report = log.work();
        dropped += report.dropped_lines;
        REQUIRE(log.keeper.bytes() <= most);
        if (report.dropped_files > 0) CHECK(log.keeper.bytes() > before * 3 / 4);
    }
    CHECK(dropped > 0);
}

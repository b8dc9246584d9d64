// Parts and segments that are damaged, gone, or not given back by the disk: each costs its own lines only.
#include <catch2/catch.hpp>
#include <filesystem>

#include "role/log/search/log_scan.hpp"
#include "support/files.hpp"
#include "support/forwarding_disk.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/kept_log.hpp"

using namespace distd;
using namespace distd::logs;
namespace fs = std::filesystem;

namespace {

// Refuses to open one file.
struct unopenable : test::forwarding_disk {
    explicit unopenable(fs::path f) : forwarding_disk(real_disk()), file(std::move(f)) {}

    result<std::unique_ptr<disk::file>> open(const path& p, mode m) override {
        if (p == file) return boost::system::error_code(EIO, boost::system::generic_category());
        return forwarding_disk::open(p, m);
    }
    std::unique_ptr<disk::file> wrapped(const path&, std::unique_ptr<disk::file> that) override {
        return that;
    }

    const fs::path file;
};

}  // namespace

TEST_CASE("a damaged block of a part is skipped and named, the others are found") {
    test::temp_dir dir;
    const auto file = sealed_log(dir).front();
    test::damage_byte(file, 200 + part_start_bytes);
    kept_log log(dir.path());
    const auto last_lost = log.parts.parts()->front()->last();
    const auto found = log.find_all();
    if (!log.damaged.empty()) {
        CHECK(log.damaged[0].file == file);
        CHECK(found == numbered(last_lost + 1, 300));
    } else {
        CHECK(found == numbered(1, 300));  // the byte belonged to the block's own copy of its head
    }
}

TEST_CASE("a segment whose head is damaged is sealed with all of its lines, and named") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    const auto first = log.journal.segments().front()->file();
    auto text = test::text_of(first);
    text.at(text.find('\n')) = 'x';  // so that the first line ends somewhere else
    test::write_file(first, text);
    const auto report = log.work();
    REQUIRE(report.sealed > 0);
    REQUIRE(report.damaged.size() == 1);
    CHECK(report.damaged[0].file == first);
    CHECK(report.damaged[0].offset == 0);
    CHECK(log.find_all() == numbered(1, 600));
}

TEST_CASE("a part whose file was deleted is reported, and all others are found") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    static_cast<void>(log.seal_seven());
    const auto gone = log.parts.parts()->at(3);
    fs::remove(gone->file());
    const auto left = numbered(1, gone->first() - 1) + numbered(gone->last() + 1, 600);
    CHECK(log.find_all() == left);
    REQUIRE(log.damaged.size() == 1);
    CHECK(log.damaged[0].file == gone->file());
    CHECK(log.find_all(false) == backwards(left));
    log.put_in_batches(100, 10);
    const auto report = log.work();
    CHECK(report.failure.empty());
    CHECK(report.merged >= min_merged);
    CHECK(log.find_all() == left + numbered(601, 1600));
}

TEST_CASE("a part that cannot be read costs its own lines, not the start") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(60, 10);
        static_cast<void>(log.seal_seven());
    }
    const auto file = test::files_in(dir / "parts").at(3);
    const auto lost = *part::range_of(file);
    // A folder can be opened, and not be read, as a file on a disk that fails.
    fs::remove(file);
    fs::create_directory(file);
    kept_log log(dir.path());
    REQUIRE_FALSE(log.parts.damaged().empty());
    CHECK(log.parts.damaged()[0].file == file);
    CHECK(log.find_all() == numbered(1, lost.first - 1) + numbered(lost.last + 1, 600));
    CHECK(log.find(query({{"q", "\"number 600\""}})) == numbered(600, 600));
    // It is not put together with others, which would be its end: the disk may recover.
    log.put_in_batches(200, 10);
    CHECK(log.work().merged >= min_merged);
    CHECK(fs::exists(file));
    CHECK(log.find_all() == numbered(1, lost.first - 1) + numbered(lost.last + 1, 2600));
}

TEST_CASE("a part that cannot be opened costs its own lines, neither the start nor a search") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(60, 10);
        static_cast<void>(log.seal_seven());
    }
    unopenable disk(test::files_in(dir / "parts").at(3));
    const auto lost = *part::range_of(disk.file);
    part_set parts(dir / "parts", disk);
    REQUIRE(parts.damaged().size() == 1);
    CHECK(parts.damaged()[0].file == disk.file);
    CHECK(parts.last() >= lost.last);
    kept_log log(dir.path());
    log_query q;
    q.oldest_first = true;
    q.limit = max_lines;
    search s(parts, log.journal, log.helper, std::move(q), search_budget(log.time));
    CHECK(log.all_of(s) == numbered(1, lost.first - 1) + numbered(lost.last + 1, 600));
    REQUIRE(log.damaged.size() == 1);
    CHECK(log.damaged[0].file == disk.file);
}

TEST_CASE("a part is read where the disk can read it, also while the service runs") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    static_cast<void>(log.seal_seven());
    const auto bad = log.parts.parts()->at(3);
    fs::remove(bad->file());
    fs::create_directory(bad->file());
    const auto left = numbered(1, bad->first() - 1) + numbered(bad->last() + 1, 600);
    CHECK(log.find_all() == left);
    REQUIRE_FALSE(log.damaged.empty());
    CHECK(log.damaged[0].file == bad->file());
    CHECK(log.find(query({{"q", "\"number 600\""}, {"order", "oldest"}})) == numbered(600, 600));
    field_scan fields(log.parts, log.journal, {}, search_budget(log.time));
    scan_progress p;
    while (!p.is_end) {
        p = fields.step();
        REQUIRE(p.failure.empty());
    }
    CHECK(fields.counts().lines() == 600 - (bad->last() - bad->first() + 1));
}

TEST_CASE("a damaged segment is sealed without its unreadable lines, and kept aside") {
    test::temp_dir dir;
    {
        kept_log log(dir.path());
        log.put_in_batches(30, 10);
    }
    const auto file = test::files_in(dir / "journal").front();
    test::damage_byte(file, test::text_of(file).find("number 15 "));
    const auto text = test::text_of(file);
    kept_log log(dir.path());
    const auto report = log.work();
    REQUIRE(report.damaged.size() == 1);
    CHECK(report.damaged[0].file == file);
    CHECK(log.find_all() == numbered(1, 10) + numbered(21, 300));
    CHECK(test::text_of(file.string() + ".damaged") == text);
}

TEST_CASE("lines of a part whose index is damaged are as old as its file, and stay") {
    test::temp_dir dir;
    const auto file = sealed_log(dir).front();
    test::damage_byte(file, fs::file_size(file) - 1);
    constexpr std::int64_t hour = 3'600'000'000'000;
    kept_log log(dir.path(), {{0, hour}, {}, 0});
    REQUIRE(log.parts.damaged().size() == 1);
    CHECK(log.work(written_ns(real_disk(), file) + hour / 2).dropped_files == 0);
    CHECK(log.find_all() == numbered(1, 300));
    CHECK(log.work(written_ns(real_disk(), file) + 2 * hour).dropped_files > 0);
}

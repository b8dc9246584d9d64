// Sealing and putting together: every line is found once and as it was, before, meanwhile and after, whatever
// the process died of in between.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/files.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/kept_log.hpp"

using namespace distd;
using namespace distd::logs;
namespace fs = std::filesystem;

TEST_CASE("closed segments are sealed, all lines are found as they were, and only the last segment stays") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(50, 10);
    CHECK(log.journal.segments().size() > 5);
    const auto report = log.work();
    CHECK(report.failure.empty());
    CHECK(report.sealed > 5);
    CHECK(log.journal.segments().size() == 1);
    CHECK(test::files_in(dir / "journal").size() == 1);
    CHECK(log.find_all() == numbered(1, 500));
    CHECK(log.find_all(false) == backwards(numbered(1, 500)));
    log.put(5);
    CHECK(log.find_all() == numbered(1, 505));
}

TEST_CASE("a stop in the middle of a segment ends its sealing, which is done again and loses nothing") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put(20'000);
    log.put_in_batches(10, 10);
    const auto segments = log.journal.segments().size();
    REQUIRE(segments > 1);
    int looks = 0;
    const auto report = log.compactor.work(now_ns, [&] { return ++looks > 3; });
    CHECK(looks == 5);  // before it, at 1024, 2048 and 3072 lines, and after it
    CHECK(report.sealed == 0);
    CHECK(report.failure.empty());
    CHECK(log.journal.segments().size() == segments);
    CHECK(log.find_all() == numbered(1, 20'100));
    CHECK(log.work().sealed == segments - 1);
    CHECK(log.find_all() == numbered(1, 20'100));
}

TEST_CASE("small parts are merged, and a reader of one of them continues") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(60, 10);
    auto report = log.seal_seven();
    REQUIRE(log.parts.parts()->size() == 7);
    const part_input reading(log.parts.parts()->front());
    report = log.work();
    CHECK(report.merged >= min_merged);
    CHECK(log.parts.parts()->size() < 8);
    CHECK(test::files_in(dir / "parts").size() == log.parts.parts()->size());
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

TEST_CASE("each line is found once after any kill and restart") {
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
    const auto parts = test::files_in(dir / "parts");
    SECTION("the part is there, and the segment still is") {
        for (const auto& file : test::files_in(before / "journal"))
            fs::copy_file(file, dir / "journal" / file.filename(), fs::copy_options::skip_existing);
    }
    SECTION("a part was being written") {
        test::write_file(parts[0].string() + ".tmp", test::text_of(parts[0]).substr(0, 500));
    }
    SECTION("parts were put together, and the old ones still are there") {
        std::vector<fs::path> old;
        {
            const part_set opened(dir / "parts");
            const auto written = opened.parts();
            part_writer out(real_disk(), dir / "parts", written->front()->first(), written->back()->last());
            for (const auto& p : *written) {
                const part_input in(p);
                for (std::size_t i = 0; i < p->index().blocks.size(); ++i) out.add(in, i);
            }
            static_cast<void>(out.finish(1));
        }
        CHECK(part_set(dir / "parts").parts()->size() == 1);
    }
    SECTION("the last segment is gone") { fs::remove(test::files_in(dir / "journal").back()); }
    kept_log log(dir.path());
    const auto all = log.find_all();
    const auto last = std::count(all.begin(), all.end(), '\n');
    CHECK(all == numbered(1, static_cast<std::uint64_t>(last)));
    CHECK(log.journal.next() == static_cast<std::uint64_t>(last) + 1);
    log.put(3);
    CHECK(log.find_all() == numbered(1, static_cast<std::uint64_t>(last) + 3));
}

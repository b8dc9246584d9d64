// Sealing on a full disk: nothing is lost, and there is a reserve to make room out of.
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/files.hpp"
#include "support/full_disk.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/kept_log.hpp"

using namespace distd;
using namespace distd::logs;
namespace fs = std::filesystem;

TEST_CASE("when a part cannot be written the segment stays, and is sealed when there is room") {
    test::temp_dir dir;
    kept_log log(dir.path());
    log.put_in_batches(30, 10);
    test::full_disk disk(100);
    const auto failed = log.work();
    disk.has_room_again();
    CHECK_THAT(failed.failure, Catch::Contains("cannot write"));
    CHECK(test::files_in(dir / "parts").empty());
    CHECK(log.find_all() == numbered(1, 300));
    CHECK(log.work().failure.empty());
    CHECK(log.journal.segments().size() == 1);
    CHECK(log.find_all() == numbered(1, 300));
}

TEST_CASE("a reserve is kept, released when the disk is full, and taken again") {
    test::temp_dir dir;
    kept_log log(dir.path(), {{}, {}, 1 << 20});
    static_cast<void>(log.work());
    const auto reserve = fs::path(dir / "parts") / "reserve";
    CHECK(fs::file_size(reserve) == 1 << 20);
    log.put_in_batches(30, 10);
    test::full_disk disk(100);
    static_cast<void>(log.work());
    CHECK_FALSE(fs::exists(reserve));
    disk.has_room_again();
    static_cast<void>(log.work());
    CHECK(fs::file_size(reserve) == 1 << 20);
}

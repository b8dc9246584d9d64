// How much room lines take and how long they stay: what goes is the oldest, and no more than has to.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <random>

#include "support/files.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/kept_log.hpp"

using namespace distd;
using namespace distd::logs;
namespace fs = std::filesystem;

TEST_CASE("beyond the size limit the oldest lines are removed") {
    test::temp_dir dir;
    const upkeep_limits limits{{30'000, 0}, {8'000}, 0};
    kept_log log(dir.path(), limits);
    std::uint64_t dropped = 0;
    for (int i = 0; i < 150; ++i) {
        log.put_in_batches(6, 10);
        const auto report = log.work();
        CHECK(report.failure.empty());
        dropped += report.dropped_lines;
        REQUIRE(log.compactor.bytes() <= 30'000);
    }
    CHECK(dropped > 0);
    CHECK(log.compactor.first_line() == dropped + 1);
    CHECK(log.find_all() == numbered(dropped + 1, 9000));
    kept_log again(dir.path(), limits);
    CHECK(again.compactor.first_line() == dropped + 1);
    CHECK(again.find_all() == numbered(dropped + 1, 9000));
}

TEST_CASE("lines beyond the age limit are removed") {
    test::temp_dir dir;
    constexpr std::int64_t hour = 3'600'000'000'000;
    kept_log log(dir.path(), {{0, hour}, {}, 0});
    log.put_in_batches(30, 10);
    const auto arrived =
        std::chrono::file_clock::to_sys(fs::last_write_time(test::files_in(dir / "journal").front()))
            .time_since_epoch();
    const auto start = std::chrono::duration_cast<std::chrono::nanoseconds>(arrived).count();
    CHECK(log.work(start + hour / 2).dropped_files == 0);
    const auto last_sealed = log.parts.last();
    REQUIRE(last_sealed > 0);
    CHECK(log.work(start + 2 * hour).dropped_lines == last_sealed);
    CHECK(log.find_all() == numbered(last_sealed + 1, 300));
}

TEST_CASE("a full log loses only a small part at once, even if it compresses badly") {
    const test::temp_dir dir;
    constexpr std::uint64_t max = 400'000;
    log_on_disk log(dir.path(), limits_for({max, 0}), max / 16);
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
        const auto before = log.compactor.bytes();
        log.append(lines);
        const auto report = log.work();
        dropped += report.dropped_lines;
        REQUIRE(log.compactor.bytes() <= max);
        if (report.dropped_files > 0) CHECK(log.compactor.bytes() > before * 3 / 4);
    }
    CHECK(dropped > 0);
}

TEST_CASE("selection of files to remove and of parts to merge") {
    const std::vector<kept_file> files{{100, 10}, {100, 20}, {100, 30}};
    CHECK(files_to_drop(files, 50, {}, 1000) == 0);
    CHECK(files_to_drop(files, 50, {350, 0}, 1000) == 0);
    CHECK(files_to_drop(files, 50, {349, 0}, 1000) == 1);
    CHECK(files_to_drop(files, 50, {1, 0}, 1000) == 3);
    CHECK(files_to_drop(files, 50, {0, 975}, 1000) == 2);
    const auto chosen = [](std::vector<std::uint64_t> sizes, std::uint64_t max) {
        std::vector<kept_part> parts;
        for (const auto size : sizes) parts.push_back({size, 0});
        const auto c = parts_to_merge(parts, {max, 0});
        return std::pair(c.first, c.count);
    };
    using choice = std::pair<std::size_t, std::size_t>;
    CHECK(chosen({1, 1, 1, 1, 1, 1, 1}, 100) == choice(0, 0));
    CHECK(chosen({1, 1, 1, 1, 1, 1, 1, 1}, 100) == choice(0, 8));
    CHECK(chosen({90, 1, 1, 1, 1, 1, 1, 1, 1}, 100) == choice(1, 8));  // 90 is not written again for 8
    CHECK(chosen({16, 16, 16, 16, 16, 16, 16, 16, 16, 16}, 128) == choice(2, 8));
    CHECK(chosen({60, 60, 60, 60, 60, 60, 60, 60}, 100) == choice(0, 0));
}

TEST_CASE("with a short retention parts of a long time span are not merged") {
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
    CHECK(max_segment({}) == std::chrono::hours(1));
    CHECK(max_segment({0, 24 * hour}) == std::chrono::hours(1));
    CHECK(max_segment({0, hour}) == std::chrono::nanoseconds(hour / 8));
    CHECK(max_segment({0, 1}) == seconds(1));
}

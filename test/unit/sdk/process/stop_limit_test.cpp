#include "sdk/process/stop_limit.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <optional>

#include "base/disk_wait.hpp"

using namespace distd;

TEST_CASE("what waits for a disk is known by its file, the first one first, until it has ended") {
    const std::filesystem::path first = "/data/first";
    const std::filesystem::path second = "/data/second";
    CHECK_FALSE(disk_wait::oldest());
    std::optional<disk_wait> one(std::in_place, first);
    const disk_wait other(second);
    CHECK(disk_wait::oldest()->file == "/data/first");
    const auto id = disk_wait::oldest()->id;
    one.reset();
    CHECK(disk_wait::oldest()->file == "/data/second");
    CHECK(disk_wait::oldest()->id != id);
}

TEST_CASE("a stop that a disk holds up is ended, with the file for which it waits") {
    const std::filesystem::path file = "/data/log/journal/1.log";
    const disk_wait waiting(file);
    std::promise<std::string> ended;
    const stop_limit limit(milliseconds(0),
                           [&](const std::string& held_up_by) { ended.set_value(held_up_by); });
    CHECK(ended.get_future().get() == file.string());
}

TEST_CASE("a stop that has ended is not ended again, whatever waits for the disk later") {
    const std::filesystem::path file = "/data/log/journal/1.log";
    bool is_ended = false;
    {
        const stop_limit limit(std::chrono::hours(1), [&](const std::string&) { is_ended = true; });
    }
    const disk_wait waiting(file);
    CHECK_FALSE(is_ended);
}

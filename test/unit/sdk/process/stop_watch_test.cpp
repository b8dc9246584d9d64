#include "sdk/process/stop_watch.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <string>

#include "base/disk_wait.hpp"

using namespace distd;

TEST_CASE("a stop is ended where the thread that would make it waits for a disk itself") {
    const std::filesystem::path file = "/data/token";
    std::promise<std::string> ended;
    const stop_watch watch(milliseconds(0),
                           [&](const std::string& held_up_by) { ended.set_value(held_up_by); });
    const disk_wait waiting(file);
    SECTION("by a signal") { ::kill(::getpid(), SIGTERM); }
    SECTION("by the keyboard") { ::kill(::getpid(), SIGINT); }
    CHECK(ended.get_future().get() == file.string());
}

TEST_CASE("a stop that begins without a signal is ended as well") {
    const std::filesystem::path file = "/data/token";
    std::promise<std::string> ended;
    stop_watch watch(milliseconds(0), [&](const std::string& held_up_by) { ended.set_value(held_up_by); });
    const disk_wait waiting(file);
    watch.begin();
    CHECK(ended.get_future().get() == file.string());
}

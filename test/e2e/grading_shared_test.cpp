// Two real grading processes on one store.
#include <signal.h>
#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "support/world.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;

}  // namespace

TEST_CASE("killing one of two processes on a store loses nothing and does not block the other") {
    process_world w;
    const std::vector<std::string> flags{"--grading-store=" + w.data_dir("shared.db")};
    w.start("one", "grading", flags);
    w.start("two", "grading", flags);
    const auto one = w.address("one", "grading");
    const auto two = w.address("two", "grading");
    const auto add = [](const std::string& to, const std::string& title) {
        return exchange("POST", to + "/students/1/grades",
                        R"({"Title":")" + title + R"(","Type":"Quiz","Score":1})")
            .status;
    };

    std::promise<void> well_under_way;
    auto writer = std::async(std::launch::async, [&] {
        std::vector<std::string> answered;
        for (int i = 0;; ++i) {
            const auto title = "one-" + std::to_string(i) + ".";
            if (add(one, title) != 201) return answered;
            answered.push_back(title);
            if (i == 20) well_under_way.set_value();
        }
    });
    auto ready = well_under_way.get_future();
    int mine = 0;
    const auto write_mine = [&] { CHECK(add(two, "two-" + std::to_string(mine++) + ".") == 201); };
    while (ready.wait_for(std::chrono::seconds(0)) != std::future_status::ready) write_mine();
    w.kill("one");
    for (int i = 0; i < 5; ++i) write_mine();

    const auto shown = w.http("GET", two + "/students/1").body;
    for (const auto& title : writer.get()) CHECK_THAT(shown, Contains(title));
    for (int i = 0; i < mine; ++i) CHECK_THAT(shown, Contains("two-" + std::to_string(i) + "."));
    w.start("one", "grading", flags);
    CHECK(w.http("GET", w.address("one", "grading") + "/students/1").body == shown);
    w.stop("one");
    w.stop("two");
}

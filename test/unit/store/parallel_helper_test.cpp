// Shared work: each piece once, whoever is busy.
#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "store/parallel_helper.hpp"

using namespace distd;

TEST_CASE("shared work is done once, piece by piece, also when several threads share at the same time") {
    parallel_helper helper("helper");
    const auto use = [&] {
        for (int round = 0; round < 200; ++round) {
            std::array<std::atomic<int>, 17> done{};
            helper.share(done.size(), [&](std::size_t i) { ++done.at(i); });
            for (auto& d : done)
                if (d != 1) return false;
        }
        return true;
    };
    bool other = false;
    std::thread second([&] { other = use(); });
    const bool own = use();
    second.join();
    CHECK(own);
    CHECK(other);
    helper.share(0, [](std::size_t) { FAIL("there is no piece"); });
}

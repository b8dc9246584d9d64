#include <catch2/catch.hpp>

#include "base/rate_limit.hpp"

using namespace distd;
using namespace std::chrono_literals;

namespace {

constexpr steady_point start{std::chrono::hours(1)};

}  // namespace

TEST_CASE("a client has its burst, then its rate, and gets the time to wait") {
    rate_limit limit(2, 4);
    for (int i = 0; i < 4; ++i) CHECK(limit.take("a", start) == 0s);
    CHECK(limit.take("a", start) == 1s);
    CHECK(limit.take("b", start) == 0s);
    CHECK(limit.take("a", start + 500ms) == 0s);
    CHECK(limit.take("a", start + 500ms) == 1s);
    rate_limit off(0, 0);
    CHECK_FALSE(off.is_on());
    CHECK(off.take("a", start) == 0s);
    off.charge("a", 1'000'000, start);
    CHECK(off.wait("a", start) == 0s);
}

TEST_CASE("what is charged when it was counted may overdraw the bucket, and the next has to wait for it") {
    rate_limit limit(100, 100);
    CHECK(limit.wait("a", start) == 0s);
    limit.charge("a", 350, start);
    CHECK(limit.wait("a", start) == 3s);
    CHECK(limit.wait("b", start) == 0s);
    CHECK(limit.wait("a", start + 2s) == 1s);
    CHECK(limit.wait("a", start + 3s) == 0s);
    limit.charge("a", 100, start + 1h);
    CHECK(limit.wait("a", start + 1h) == 1s);
    limit.charge("a", 10'000'000, start + 1h);
    CHECK(limit.wait("a", start + 1h) == 1h);  // an answer for people has a bound
}

TEST_CASE("clients that are remembered are bounded; those over the bound share a bucket") {
    rate_limit limit(1, 2);
    for (std::size_t i = 0; i < rate_limit::max_clients + 100; ++i)
        static_cast<void>(limit.take("client " + std::to_string(i), start));
    CHECK(limit.clients() <= rate_limit::max_clients + 1);
    static_cast<void>(limit.take("later", start + 5s));
    CHECK(limit.clients() < 10);
}

TEST_CASE("a client that has to wait still does when more are busy than are remembered") {
    rate_limit limit(100, 100);
    limit.charge("busy", 350, start);
    for (std::size_t i = 0; i < rate_limit::max_clients + 100; ++i)
        limit.charge("client " + std::to_string(i), 150, start);
    CHECK(limit.wait("busy", start) == 3s);
    CHECK(limit.wait("newcomer", start) > 0s);
}

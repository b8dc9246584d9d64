#include "http/server/source_shares.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using distd::http::share_of;
using distd::http::source_shares;
using verdict = source_shares::verdict;

TEST_CASE("one source has its share and no more, and the rest is there for others") {
    source_shares places({10, 5, 5});
    std::vector<source_shares::hold> greedy(5);
    for (auto& h : greedy) CHECK(places.take("192.0.2.1", h) == verdict::granted);
    source_shares::hold one_more;
    CHECK(places.take("192.0.2.1", one_more) == verdict::share_taken);
    std::vector<source_shares::hold> others(5);
    for (auto& h : others) CHECK(places.take("192.0.2.2", h) == verdict::granted);
    CHECK(places.take("192.0.2.3", one_more) == verdict::all_taken);
    greedy.pop_back();
    CHECK(places.take("192.0.2.3", one_more) == verdict::granted);
    CHECK(places.taken() == 10);
}

TEST_CASE("what is held grows up to the share, shrinks, and is given back as a whole") {
    source_shares bytes({1000, 600, 600});
    source_shares::hold body;
    CHECK(bytes.take("10.0.0.1", body, 100) == verdict::granted);
    CHECK(body.try_change_to(50) == verdict::granted);
    CHECK(body.try_change_to(601) == verdict::share_taken);
    CHECK(body.amount() == 50);
    CHECK(body.try_change_to(600) == verdict::granted);
    source_shares::hold other;
    CHECK(bytes.take("10.0.0.2", other, 401) == verdict::all_taken);
    CHECK(other.amount() == 0);
    body.change_to(2000);  // it is there already
    CHECK(bytes.taken() == 2000);
    CHECK(body.try_change_to(1500) == verdict::granted);
    body = {};
    CHECK(bytes.taken() == 0);
    CHECK(bytes.take("10.0.0.2", other, 401) == verdict::granted);
}

TEST_CASE("the addresses of one IPv6 network are one source, those of others are not") {
    source_shares places({10, 1, 1});
    source_shares::hold first;
    source_shares::hold second;
    CHECK(places.take("2001:db8:0:1::1", first) == verdict::granted);
    CHECK(places.take("2001:db8:0:1:ffff::9", second) == verdict::share_taken);
    CHECK(places.take("2001:db8:0:2::1", second) == verdict::granted);
    CHECK(places.take("2001:db8:0:1::1%eth0", second) == verdict::share_taken);
    CHECK(places.taken() == 1);  // what it had was given back first
}

TEST_CASE("sources that hold nothing are forgotten, those that hold something are not") {
    source_shares places({1'000'000, 1, 1});
    source_shares::hold kept;
    CHECK(places.take("kept", kept) == verdict::granted);
    for (int i = 0; i < 100'000; ++i) {
        source_shares::hold passing;
        CHECK(places.take(std::to_string(i), passing) == verdict::granted);
    }
    CHECK(places.known_sources() < 10'000);
    source_shares::hold again;
    CHECK(places.take("kept", again) == verdict::share_taken);
    kept.release();
    CHECK(places.take("kept", again) == verdict::granted);
}

TEST_CASE("who holds nothing at the moment is not forgotten and may go on") {
    source_shares places({1'000'000, 2, 2});
    source_shares::hold resting;
    CHECK(places.take("resting", resting, 0) == verdict::granted);
    for (int i = 0; i < 100'000; ++i) {
        source_shares::hold passing;
        CHECK(places.take(std::to_string(i), passing) == verdict::granted);
    }
    CHECK(resting.try_change_to(2) == verdict::granted);
    CHECK(resting.try_change_to(3) == verdict::share_taken);
    source_shares::hold moved(std::move(resting));
    CHECK(moved.amount() == 2);
    CHECK(places.taken() == 2);
}

TEST_CASE("a share is a part of the whole, and never nothing") {
    CHECK(share_of(16'384, 50) == 8192);
    CHECK(share_of(1, 50) == 1);
    CHECK(share_of(3, 100) == 3);
    CHECK(share_of(std::uint64_t{1} << 60, 50) == std::uint64_t{1} << 59);
}

TEST_CASE("loopback is one source with one share, and has all where nobody else can come") {
    source_shares places(source_shares::bounds::of(4, 50, false));
    std::vector<source_shares::hold> local(4);
    CHECK(places.take("127.0.0.1", local[0]) == verdict::granted);
    CHECK(places.take("::1", local[1]) == verdict::granted);
    CHECK(places.take("127.0.0.2", local[2]) == verdict::share_taken);
    places.change_bounds(source_shares::bounds::of(4, 50, true));
    CHECK(places.take("127.0.0.2", local[2]) == verdict::granted);
    CHECK(places.take("127.0.0.3", local[3]) == verdict::granted);
    source_shares::hold one_more;
    CHECK(places.take("127.0.0.1", one_more) == verdict::all_taken);
}

TEST_CASE("an eighth of a whole, and of a share, is left to small holds") {
    constexpr std::uint64_t mebibyte = 1 << 20;
    source_shares bytes({16 * mebibyte, 8 * mebibyte, 8 * mebibyte});
    source_shares::hold body;
    CHECK(bytes.take("10.0.0.1", body, 8 * mebibyte) == verdict::share_taken);
    CHECK(bytes.take("10.0.0.1", body, 7 * mebibyte) == verdict::granted);
    source_shares::hold other;
    CHECK(bytes.take("10.0.0.2", other, 7 * mebibyte) == verdict::granted);
    source_shares::hold small;
    CHECK(bytes.take("10.0.0.1", small, distd::http::small_hold) == verdict::granted);
    source_shares::hold one_more;
    CHECK(bytes.take("10.0.0.1", one_more, 1) == verdict::share_taken);
    CHECK(bytes.take("10.0.0.3", one_more, distd::http::small_hold + 1) == verdict::all_taken);
}

namespace {

constexpr distd::steady_point start{std::chrono::hours(1)};

// Something that takes a place until it is asked to give it back.
struct lodger final : distd::http::source_shares::reclaimable {
    lodger(source_shares& places, const std::string& address, distd::steady_point now) : used(now) {
        CHECK(places.take(address, place) == verdict::granted);
        place.offer(*this, 0, now);
    }
    distd::steady_point last_use() const noexcept override { return used; }
    bool give_back() override {
        if (is_busy) return false;
        place.release();
        return true;
    }
    [[nodiscard]] bool is_out() const { return !place.is_held(); }

    source_shares::hold place;
    distd::steady_point used;
    bool is_busy = false;
};

constexpr std::array<distd::http::source_shares::step, 1> any{};
constexpr std::array<distd::http::source_shares::step, 1> ten_seconds{{{0, distd::seconds(10)}}};

}  // namespace

TEST_CASE("who gives way has not been used for the longest time, is not busy, and is as old as asked for") {
    source_shares places({4, 4, 4});
    lodger a(places, "a", start);
    lodger b(places, "a", start);
    lodger c(places, "a", start);
    a.used = start + distd::seconds(5);
    b.is_busy = true;
    const auto now = start + distd::seconds(12);
    CHECK(places.reclaim(verdict::all_taken, "a", ten_seconds, now));
    CHECK(c.is_out());
    CHECK_FALSE(b.is_offered());
    CHECK_FALSE(places.reclaim(verdict::all_taken, "a", ten_seconds, now));
    CHECK_FALSE(places.reclaim(verdict::all_taken, "a", any, now, &a));
    CHECK(places.reclaim(verdict::all_taken, "a", any, now));
    CHECK(a.is_out());
    CHECK_FALSE(places.reclaim(verdict::all_taken, "a", any, now));
}

TEST_CASE("the fullest source gives way, its own where it has its share, and none to one that has more") {
    source_shares places({6, 4, 4});
    lodger a1(places, "a", start);
    lodger b1(places, "b", start);
    lodger b2(places, "b", start);
    lodger b3(places, "b", start);
    CHECK(places.reclaim(verdict::all_taken, "c", any, start));
    CHECK(b1.is_out());
    CHECK(places.reclaim(verdict::share_taken, "a", any, start));
    CHECK(a1.is_out());
    lodger c1(places, "c", start);
    source_shares::hold d1;
    source_shares::hold d2;
    source_shares::hold d3;
    for (auto* h : {&d1, &d2, &d3}) CHECK(places.take("d", *h) == verdict::granted);
    CHECK_FALSE(places.reclaim(verdict::all_taken, "d", any, start));
    CHECK_FALSE(c1.is_out());
}

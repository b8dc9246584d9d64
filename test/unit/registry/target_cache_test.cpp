#include <catch2/catch.hpp>

#include "http/client/call_target.hpp"
#include "role/registry/target_cache.hpp"

using namespace distd;
using namespace distd::registry;

namespace {

struct scene {
    http::client_setup setup;
    http::client_pool pool{setup};
    int made = 0;
    steady_point now{std::chrono::hours(1)};
    target_cache cache{[this](std::string_view text, const std::string& pin) -> target_cache::target {
        ++made;
        const auto where = http::split_peer_url(std::string(text));
        return where ? std::make_shared<const http::call_target>(pool, *where, pin) : nullptr;
    }};

    target_cache::target get(const std::string& url, const std::string& pin = {}) {
        return cache.get(url, pin, now);
    }
};

}  // namespace

TEST_CASE("a URL's call target is made for the first call and shared by all later ones") {
    scene s;
    const auto first = s.get("http://a/heartbeat");
    REQUIRE(first);
    CHECK(s.get("http://a/heartbeat") == first);
    CHECK(s.made == 1);
    CHECK(s.get("http://a/other") != first);
    CHECK_FALSE(s.get("no URL"));
}

TEST_CASE("a target is for the certificate that is to be shown there now") {
    scene s;
    const auto first = s.get("https://a/heartbeat", "aa");
    CHECK(s.get("https://a/heartbeat", "aa") == first);
    const auto renewed = s.get("https://a/heartbeat", "bb");
    CHECK(renewed != first);
    CHECK(renewed->pin == "bb");
    CHECK(s.get("https://a/heartbeat")->pin.empty());
    CHECK(s.cache.size() == 1);
}

TEST_CASE("a call target that nobody uses any more is dropped, and a call under way keeps its own") {
    scene s;
    const auto held = s.get("http://gone/heartbeat");
    const std::weak_ptr<const http::call_target> kept = s.get("http://gone/other");
    for (int i = 0; i < 100; ++i) static_cast<void>(s.get("http://gone/" + std::to_string(i)));
    CHECK(s.cache.size() == 102);
    // Those that are asked for again and again stay, and sweep out the others.
    const auto first = s.get("http://stays/heartbeat");
    for (int i = 0; i < 1000; ++i) {
        s.now += std::chrono::seconds(1);
        CHECK(s.get("http://stays/heartbeat") == first);
    }
    CHECK(s.cache.size() == 1);
    CHECK(kept.expired());
    CHECK(held->authority == "gone");
}

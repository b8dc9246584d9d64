#include "role/registry/core/gone_instances.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

namespace {

gone_instances::gone one(const std::string& url) { return {{"A", url, {}, "", url + "/h"}, {"127.0.0.1"}}; }

const steady_point start{1h};

}  // namespace

TEST_CASE("an instance that is gone is probed every ten to thirty seconds, for an hour") {
    gone_instances all;
    CHECK(all.next_due() == steady_point::max());
    all.put(one("a"), start, 0);
    CHECK(all.next_due() == start + 10s);
    CHECK_FALSE(all.take(start + 9s, 0));
    const auto* const a = all.take(start + 10s, 20'000);
    REQUIRE(a);
    CHECK(a->that.url == "a");
    CHECK_FALSE(all.take(start + 10s, 0));
    CHECK(all.next_due() == start + 40s);
    CHECK(all.take(start + 59min, 0));
    CHECK_FALSE(all.take(start + 1h, 0));
    CHECK(all.size() == 0);
}

TEST_CASE("a forgotten instance is not probed, and of too many the first one is forgotten") {
    gone_instances all;
    all.put(one("a"), start, 0);
    all.forget("a");
    all.forget("b");
    CHECK_FALSE(all.find("a"));
    CHECK_FALSE(all.take(start + 1min, 0));
    for (std::size_t n = 0; n <= gone_instances::max_known; ++n)
        all.put(one("u" + std::to_string(n)), start + milliseconds(n), 0);
    CHECK(all.size() == gone_instances::max_known);
    CHECK_FALSE(all.find("u0"));
    CHECK(all.find("u1"));
}

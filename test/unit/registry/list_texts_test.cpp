#include "role/registry/list_texts.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace distd;
using namespace distd::registry;

namespace {

list_filter in_zone(std::string zone) {
    list_filter f;
    f.zone = std::move(zone);
    return f;
}

}  // namespace

TEST_CASE("readers with the same question get one text, until there are too many questions") {
    directory d({}, {}, [] { return std::uint64_t{0}; });
    list_texts texts(d);
    const moment now{};
    const auto first = texts.filtered(in_zone("north"), now);
    CHECK(texts.filtered(in_zone("north"), now) == first);
    CHECK(texts.filtered(in_zone("south"), now) != first);
    for (int n = 0; n < 100; ++n) static_cast<void>(texts.filtered(in_zone(std::to_string(n)), now));
    CHECK(texts.filtered(in_zone("north"), now) != first);
    CHECK(*texts.filtered(in_zone("north"), now) == *first);
}

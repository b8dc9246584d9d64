#include <catch2/catch.hpp>
#include <distd/json.hpp>
#include <optional>
#include <vector>

using namespace distd;

TEST_CASE("null is an optional that is empty, wherever it stands, and no list") {
    using list = std::vector<int>;
    json_error error;
    const auto none = from_json<std::optional<list>>(std::string_view("null\n"), error);
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());
    const auto some = from_json<std::optional<list>>(std::string_view("[1]"), error);
    REQUIRE(some.has_value());
    CHECK(*some == list{1});
    const std::vector<std::optional<int>> mixed{1, std::nullopt};
    CHECK(from_json<std::vector<std::optional<int>>>(to_json(mixed), error) == mixed);
    CHECK_FALSE(from_json<list>(std::string_view("null"), error));
}

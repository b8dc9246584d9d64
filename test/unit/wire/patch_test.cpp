// Patches as registries send them.
#include <catch2/catch.hpp>

#include "wire/patch.hpp"

using namespace distd;

namespace {

patch parsed(std::string_view text) {
    json_error error;
    auto p = parse_patch(text, error);
    INFO(error.text);
    REQUIRE(p);
    return *p;
}

std::string refusal(std::string_view text) {
    json_error error;
    REQUIRE_FALSE(parse_patch(text, error));
    return error.text;
}

const patch one_added{{{"LogService", "http://localhost:4000"}}, {}};

}  // namespace

TEST_CASE("a patch is understood in any spelling, with lists null, empty or missing") {
    CHECK(parsed(R"({"Added":[{"Name":"LogService","URL":"http://localhost:4000"}],"Removed":[]})") ==
          one_added);
    CHECK(parsed(R"({"added":[{"name":"LogService","url":"http://localhost:4000"}],"removed":null})") ==
          one_added);
    CHECK(parsed(R"({"Added":[{"Name":"LogService","Url":"http://localhost:4000"}]})") == one_added);
    CHECK(parsed(R"({"Added":null,"Removed":null})").empty());
    CHECK(parsed("{}").empty());
    CHECK(parsed(R"({"Removed":[{"Name":"Log Service","URL":"localhost:8000"}]})") ==
          patch{{}, {{"Log Service", "localhost:8000"}}});
}

TEST_CASE("a URL in a patch is kept as it came, even one that cannot be called") {
    CHECK(parsed(R"({"Added":[{"Name":"A","URL":"weird thing"}]})").added.front().url == "weird thing");
}

TEST_CASE("what is no patch is refused with a sentence that names the place") {
    CHECK_FALSE(refusal("").empty());
    CHECK_FALSE(refusal("[]").empty());
    CHECK_THAT(refusal(R"({"Added":{}})"), Catch::Contains("Added"));
    CHECK_THAT(refusal(R"({"Added":[{"URL":"http://a"}]})"), Catch::Contains("Added[0].Name"));
    CHECK_THAT(refusal(R"({"Removed":[{"Name":"A","URL":"x"},{"Name":"A"}]})"),
               Catch::Contains("Removed[1].URL"));
    CHECK_THAT(refusal(R"({"Added":[{"Name":"A","URL":"x\u0000y"}]})"), Catch::Contains("control byte"));
}

TEST_CASE("a patch is written as the protocol spells it and read back as the same") {
    CHECK(to_wire(one_added) ==
          R"({"Added":[{"Name":"LogService","URL":"http://localhost:4000"}],"Removed":[]})");
    CHECK(to_wire(patch{}) == R"({"Added":[],"Removed":[]})");
    const patch full{{{"A", "http://a"}, {"B \"q\"", "b:1"}}, {{"A", "http://c"}, {"D", "e"}}};
    CHECK(parsed(to_wire(full)) == full);
}

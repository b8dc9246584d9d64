// What a service says of itself in its registration: words of its author and of whoever starts it.
#include "sdk/registration/own_extras.hpp"

#include <catch2/catch.hpp>

#include "base/settings/options.hpp"
#include "sdk/process/host_settings.hpp"

using namespace distd;

namespace {

extras_ptr said(std::vector<std::string> flags, const std::vector<std::string>& tags = {},
                const std::string& version = {}) {
    return own_extras(settings_parser(host_settings()).parse({std::move(flags), {}}), tags, version);
}

}  // namespace

TEST_CASE("a service without optional fields registers as in the base protocol") {
    CHECK(said({}) == nullptr);
    CHECK(said({"--instance-weight=1"}) == nullptr);
}

TEST_CASE("tags from settings and from code are merged, without duplicates") {
    const auto e = said({"--instance-tags=blue,gateway", "--instance-zone=eu", "--instance-weight=0"},
                        {"gateway", "v2"}, "1.4");
    REQUIRE(e);
    CHECK(e->tags == std::vector<std::string>{"blue", "gateway", "v2"});
    CHECK(e->zone == "eu");
    CHECK(e->weight == 0);
    CHECK(e->version == "1.4");
    CHECK_FALSE(e->ttl);
}

TEST_CASE("an invalid optional field is refused with its setting") {
    const std::string longest(256, 'x');
    CHECK(said({"--instance-zone=" + longest}) != nullptr);
    CHECK_THROWS_WITH(said({"--instance-zone=x" + longest}),
                      Catch::StartsWith("--instance-zone=x") && Catch::Contains("at most 256"));
    CHECK_THROWS_WITH(said({"--instance-tags=x" + longest}),
                      Catch::StartsWith("--instance-tags=x") && Catch::Contains("Tags[0]"));
    CHECK_THROWS_WITH(said({"--instance-weight=65536"}), Catch::Contains("--instance-weight"));
    CHECK_THROWS_WITH(said({}, {""}), Catch::Contains("own tags") && Catch::Contains("empty"));
}

#include "sdk/process/host_names.hpp"

#include <catch2/catch.hpp>

#include "sdk/process/host_settings.hpp"

using namespace distd;

namespace {

settings given(std::vector<std::string> flags) {
    return settings_parser(host_settings()).parse({std::move(flags), {}});
}

}  // namespace

TEST_CASE("a process answers to the names that it is given and to the hosts of its URLs") {
    const auto names = own_host_names(given({"--allowed-hosts=a.example,*.b.example"}),
                                      {"http://C.example:81/base", "http://0.0.0.0", "http://", ""});
    for (const auto* host : {"a.example", "x.b.example", "c.example:5005", "localhost"})
        CHECK(names.answers(host));
    CHECK_FALSE(names.answers("d.example"));
    CHECK_FALSE(names.answers("."));
}

TEST_CASE("what is no host name is refused with the setting it stands in") {
    CHECK_THROWS_WITH(own_host_names(given({"--allowed-hosts=a.example,http://b.example"}), {}),
                      Catch::StartsWith("--allowed-hosts=http://b.example") &&
                          Catch::Contains("expected a host name without a port"));
}

// The pages while somebody designs them: from a folder instead of the binary.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/places.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("with a web root a changed template is on the next page, without a restart") {
    temp_dir dir;
    const auto root = dir.path() + "/web";
    std::filesystem::copy(source_dir() + "/web", root, std::filesystem::copy_options::recursive);
    const auto draft = [&root](const std::string& words) {
        std::ofstream(root + "/portal/templates/status.html", std::ios::app) << "<p>" << words << "</p>\n";
    };
    draft("first draft");
    in_process_world w;
    w.start("portal", "portal", {"--web-root=" + root});
    const auto page = [&w] { return w.http("GET", w.address("portal", "portal") + "/status").body; };
    CHECK_THAT(page(), Contains("first draft") && !Contains("second draft"));
    draft("second draft");
    CHECK_THAT(page(), Contains("first draft") && Contains("second draft"));
}

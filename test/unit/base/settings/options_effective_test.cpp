// The settings in effect, printed as a config file.
#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "unit/base/settings/options_sample.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("--print-config round-trips as a config file") {
    const auto first =
        parse({"--beat=1500ms", "--motto= # \"x\" \\ ", "--listen=a", "--listen=log=b", "--no-access-log",
               "--role=portal", "--registry=http://h:1/,https://i", "--peer=[::1]:5", "--count=9"});
    const std::string printed = parser().effective(first);
    const auto second = parse_file(printed);
    CHECK(second.duration("beat") == milliseconds(1500));
    CHECK(second.text("motto") == " # \"x\" \\ ");
    CHECK(second.list("listen") == std::vector<std::string>{"a", "log=b"});
    CHECK(second.list("role") == std::vector<std::string>{"portal"});
    CHECK(second.list("registry") == std::vector<std::string>{"http://h:1", "https://i"});
    CHECK(second.text("peer") == "[::1]:5");
    CHECK(second.integer("count") == 9);
    CHECK_FALSE(second.on("access-log"));
    CHECK_FALSE(second.on("insecure"));
    CHECK(second.size("limit") == first.size("limit"));
}

TEST_CASE("--print-config shows the origin of each setting") {
    const auto printed = parser().effective(
        parse({"--beat=1s"}, {{"DISTD_COUNT", "2"}, {"DISTD_CONFIG", "a.conf"}}, "motto = m"));
    std::map<std::string, std::string> origins;
    std::istringstream lines(printed);
    for (std::string line; std::getline(lines, line);) {
        const auto comment = line.rfind("# ");
        if (line.find(" = ") != std::string::npos)
            origins[line.substr(0, line.find(' '))] = line.substr(comment + 2);
    }
    CHECK(origins["beat"] == "--beat");
    CHECK(origins["count"] == "DISTD_COUNT");
    CHECK(origins["motto"] == "a.conf:1");
    CHECK(origins["limit"] == "default");
    CHECK(origins.count("help") == 0);
    CHECK(origins.count("config") == 0);
}

TEST_CASE("--print-config shows that a secret is set, not its value") {
    const auto printed = parser().effective(parse({"--token=hunter2"}));
    CHECK_THAT(printed,
               !Catch::Contains("hunter2") && Catch::Contains("# token is set, not shown  # --token"));
    CHECK(parse_file(printed).text("token").empty());
}

// Flags, environment, file and default: which of them wins, and how each is written.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "unit/base/settings/options_sample.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("without input every setting has its default") {
    const auto s = parse({});
    CHECK(s.list("role") == std::vector<std::string>{"log", "portal"});
    CHECK(s.duration("beat") == seconds(3));
    CHECK(s.size("limit") == 16'777'216);
    CHECK(s.integer("count") == 5);
    CHECK(s.text("format") == "auto");
    CHECK(s.on("access-log"));
    CHECK_FALSE(s.on("insecure"));
    CHECK(s.list("listen").empty());
    CHECK(s.is_default("beat"));
    CHECK(s.origin("beat") == "default");
    CHECK(s.declared("beat"));
    CHECK_FALSE(s.declared("tempo"));
}

TEST_CASE("a flag takes its value behind '=' or as the next word") {
    const auto s = parse({"--beat=1s", "--count", "7", "--motto", "-", "--insecure", "--no-access-log"});
    CHECK(s.duration("beat") == seconds(1));
    CHECK(s.integer("count") == 7);
    CHECK(s.text("motto") == "-");
    CHECK(s.on("insecure"));
    CHECK_FALSE(s.on("access-log"));
    CHECK(s.origin("beat") == "--beat");
    CHECK_FALSE(parse({"--insecure", "--insecure=off"}).on("insecure"));
    CHECK(parse({"--motto=a=b"}).text("motto") == "a=b");
}

TEST_CASE("a flag given again wins over its first value, a repeatable one adds to it") {
    CHECK(parse({"--beat=1s", "--beat=2s"}).duration("beat") == seconds(2));
    CHECK(parse({"--listen=a", "--listen=b,c"}).list("listen") == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("a flag wins over the environment, the environment over the file, the file over the default") {
    const std::string file = "beat = 3s\ncount = 3\nmotto = file\n";
    const environment variables{{"DISTD_BEAT", "2s"}, {"DISTD_COUNT", "2"}, {"DISTD_CONFIG", "b.conf"}};
    const auto s = parse({"--beat=1s"}, variables, file);
    CHECK(s.duration("beat") == seconds(1));
    CHECK(s.origin("beat") == "--beat");
    CHECK(s.integer("count") == 2);
    CHECK(s.origin("count") == "DISTD_COUNT");
    CHECK(s.text("motto") == "file");
    CHECK(s.origin("motto") == "b.conf:3");
    CHECK(s.origin("format") == "default");
}

TEST_CASE("only DISTD_ variables of the environment are read") {
    ::setenv("DISTD_SAMPLE", "a=b", 1);
    ::setenv("OTHER_DISTD_SAMPLE", "c", 1);
    const auto found = own_environment();
    ::unsetenv("DISTD_SAMPLE");
    ::unsetenv("OTHER_DISTD_SAMPLE");
    CHECK(found.at("DISTD_SAMPLE") == "a=b");
    CHECK(found.count("OTHER_DISTD_SAMPLE") == 0);
}

TEST_CASE("--help is recognised among invalid arguments") {
    CHECK(settings_parser::asks_for({"--rol=x", "--help"}, "help"));
    CHECK(settings_parser::asks_for({"-h"}, "help"));
    CHECK_FALSE(settings_parser::asks_for({"-h"}, "version"));
    CHECK_FALSE(settings_parser::asks_for({"--role=help"}, "help"));
}

// A mistake is said where it stands, with what would be right.
#include <catch2/catch.hpp>

#include "unit/base/settings/options_sample.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("an unknown name is refused with its origin and a suggestion") {
    CHECK(complaint({"--rol=x"}) == "--rol=x: no such flag; did you mean --role?");
    CHECK(complaint({"--zebra"}) == "--zebra: no such flag");
    CHECK(complaint({"--no-insecur"}) == "--no-insecur: no such flag; did you mean --no-insecure?");
    CHECK(complaint({}, {{"DISTD_ROL", "x"}}) == "DISTD_ROL: no such setting; did you mean DISTD_ROLE?");
    CHECK(complaint({}, {{"DISTD_role", "log"}}) == "DISTD_role: no such setting; did you mean DISTD_ROLE?");
    CHECK(complaint({}, {{"DISTD_ZEBRA", ""}}) == "DISTD_ZEBRA: no such setting");
    CHECK(file_complaint("\nrol = x\n") == "a.conf:2: rol: no such setting; did you mean role?");
}

TEST_CASE("an invalid value is refused with its origin and what is valid") {
    CHECK(complaint({"--beat=1ms"}) == "--beat=1ms: must be from 10ms to 1m");
    CHECK(complaint({}, {{"DISTD_BEAT", "1ms"}}) == "DISTD_BEAT=1ms: must be from 10ms to 1m");
    CHECK(file_complaint("# a\n\nbeat = 1ms\n") == "a.conf:3: beat = 1ms: must be from 10ms to 1m");
}

TEST_CASE("an invalid value is refused even if it is overridden") {
    CHECK_THAT(complaint({"--beat=1s"}, {{"DISTD_BEAT", "x"}}), Catch::StartsWith("DISTD_BEAT=x: "));
}

TEST_CASE("arguments that are not flags are refused") {
    CHECK_THAT(complaint({"log"}), Catch::Contains("'log' is no flag"));
    CHECK_THAT(complaint({"-role=log"}),
               Catch::Contains("--name=value") && Catch::EndsWith("did you mean --role?"));
    CHECK_THAT(complaint({"--insecure", "off"}), Catch::EndsWith("write --insecure=off"));
    CHECK_THAT(complaint({"--"}), Catch::Contains("no flag"));
    CHECK_THAT(complaint({""}), Catch::Contains("no flag"));
}

TEST_CASE("a flag without its value is refused") {
    CHECK(complaint({"--beat"}) == "--beat: needs a value, such as --beat=3s");
    CHECK(complaint({"--beat", "--insecure"}) == "--beat: needs a value, such as --beat=3s");
    CHECK(complaint({"--motto"}) == "--motto: needs a value");
    CHECK(complaint({"--no-insecure=yes"}) == "--no-insecure=yes: takes no value; write --no-insecure");
    CHECK_THAT(complaint({"--no-beat"}), Catch::StartsWith("--no-beat: no such flag"));
}

TEST_CASE("a flag-only setting is refused in file and environment") {
    CHECK(complaint({}, {{"DISTD_HELP", "on"}}) == "DISTD_HELP: this is only a flag, --help");
    CHECK_THAT(file_complaint("help = on\n"), Catch::Contains("cannot stand in a config file"));
    CHECK_THAT(file_complaint("config = b.conf\n"), Catch::Contains("cannot stand in a config file"));
}

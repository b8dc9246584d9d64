// The config file: which one is read, how it is written, and what is wrong with a line of it.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/places.hpp"
#include "unit/base/settings/options_sample.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("--config takes precedence over DISTD_CONFIG") {
    const auto read_only = [](const std::string& path) { return "motto = " + path + "\n"; };
    const environment variable{{"DISTD_CONFIG", "b.conf"}};
    CHECK(parser().parse({{"--config=a.conf"}, variable, read_only}).text("motto") == "a.conf");
    CHECK(parser().parse({{}, variable, read_only}).text("motto") == "b.conf");
    CHECK(parser().parse({{"--config="}, variable, read_only}).text("motto").empty());
    CHECK(parser().parse({{}, {}, read_only}).text("motto").empty());
}

TEST_CASE("a config file that cannot be read is named with the reason") {
    const std::string missing = source_dir() + "/no-such-file.conf";
    try {
        static_cast<void>(parser().parse({{"--config=" + missing}}));
        FAIL("it was read");
    } catch (const settings_error& wrong) {
        CHECK_THAT(wrong.what(), Catch::StartsWith("--config=" + missing) && Catch::Contains("No such file"));
    }
    CHECK_THROWS_WITH(read_config_file(source_dir()), Catch::Contains("directory"));
    CHECK_THROWS_WITH(read_config_file("/dev/zero"), Catch::Contains("larger than 1MiB"));
}

TEST_CASE("a config file may have comments, blank lines, whitespace and quotes") {
    const auto s = parse_file(
        "\xEF\xBB\xBF# first\r\n"
        "  beat=1s   # why\r\n"
        "\n"
        "motto = \" a # \\\"b\\\" \\\\ \" # c\n"
        "\tlisten = a#1, b\n"
        "token =");
    CHECK(s.duration("beat") == seconds(1));
    CHECK(s.text("motto") == " a # \"b\" \\ ");
    CHECK(s.list("listen") == std::vector<std::string>{"a#1", "b"});
    CHECK(s.text("token").empty());
    CHECK(s.origin("token") == "a.conf:6");
}

TEST_CASE("an invalid config line is refused with its number") {
    CHECK_THAT(file_complaint("\nbeat 3s"),
               Catch::StartsWith("a.conf:2: ") && Catch::Contains("'=' is missing"));
    CHECK_THAT(file_complaint("[log]"), Catch::Contains("no sections"));
    CHECK_THAT(file_complaint("= 3s"), Catch::Contains("the name is missing"));
    CHECK_THAT(file_complaint("motto = \"a"), Catch::Contains("closing quote is missing"));
    CHECK_THAT(file_complaint("motto = \"a\" b"), Catch::Contains("behind the closing quote"));
    CHECK_THAT(file_complaint("motto = \"a\\n\""), Catch::Contains("backslash"));
    CHECK_THAT(file_complaint("motto = 'a'"), Catch::Contains("double quotes"));
    CHECK_THAT(file_complaint(std::string("motto = a\0b", 11)), Catch::Contains("control characters"));
}

TEST_CASE("a duplicate setting in a file is refused with both lines") {
    CHECK(file_complaint("beat = 1s\n\nbeat = 2s") ==
          "a.conf:3: beat: stands already at a.conf:1; keep one of the two");
    CHECK_THAT(file_complaint("listen = a\nlisten = b"), Catch::EndsWith("with commas between items"));
}

TEST_CASE("a secret in a broken line of a file is not quoted") {
    CHECK_THAT(file_complaint("token hunter2"), !Catch::Contains("hunter2"));
    CHECK_THAT(file_complaint("token = \"hunter2"), !Catch::Contains("hunter2"));
}

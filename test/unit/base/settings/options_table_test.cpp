// What is made of the table itself, help and manual, and a table with a mistake.
#include <catch2/catch.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "unit/base/settings/options_sample.hpp"

namespace {

using namespace distd;
using namespace distd::test;

std::string table_flaw(const setting& row) {
    try {
        const settings_parser refused({row});
        return {};
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

}  // namespace

TEST_CASE("the help shows every setting in its group within 80 columns") {
    const std::string help = parser().help("Usage: sample\n");
    CHECK_THAT(help, Catch::StartsWith("Usage: sample\n\nService:\n  --role=NAME,..."));
    CHECK_THAT(help, Catch::Contains("\nLogs:\n  --[no-]access-log") &&
                         Catch::Contains("\nSecurity:\n  --insecure "));
    CHECK_THAT(help, Catch::Contains("--format=auto|json") && Catch::Contains("(default 3s; DISTD_BEAT)"));
    CHECK_THAT(help, !Catch::Contains("DISTD_HELP"));
    for (const auto& row : parser().table()) {
        const std::string shown = row.name == "access-log" ? "--[no-]access-log" : "--" + row.name;
        CHECK_THAT(help, Catch::Contains("\n  " + shown));
    }
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("a setting of long name keeps its help on the lines below") {
    setting row{.name = "a-name-that-goes-beyond-the-column", .fallback = "", .help = "Something"};
    CHECK_THAT(
        settings_parser({row}).help(""),
        Catch::Contains("--a-name-that-goes-beyond-the-column=TEXT\n" + std::string(32, ' ') + "Something"));
}

TEST_CASE("the man page's list is escaped for troff") {
    setting row{.name = "odd-one", .fallback = "a\\b", .help = ".It's a ~`^\\ line"};
    CHECK(settings_parser({row}).man_options() ==
          ".SS \"Service\"\n"
          ".TP\n"
          "\\fB\\-\\-odd\\-one\\fR=\\fITEXT\\fR\n"
          "\\&.It\\(aqs a \\(ti\\(ga\\(ha\\e line.\n"
          "Default: a\\eb.\n"
          "Environment: \\fBDISTD_ODD_ONE\\fR.\n");
    CHECK_THAT(parser().man_options(), Catch::Contains("Allowed: from 10ms to 1m."));
}

TEST_CASE("a hidden setting works and is not documented") {
    setting row{.name = "trap", .kind = setting_kind::on_off, .fallback = "off", .help = "Something"};
    row.flag_only = true;
    row.hidden = true;
    const settings_parser with_hidden({row});
    CHECK(with_hidden.parse({{"--trap"}}).on("trap"));
    CHECK_THAT(with_hidden.help(""), !Catch::Contains("trap"));
    CHECK_THAT(with_hidden.man_options(), !Catch::Contains("trap"));
    CHECK_THROWS_WITH(with_hidden.parse({{"--trip"}}), "--trip: no such flag");
}

TEST_CASE("an invalid settings table is refused before parsing") {
    using enum setting_kind;
    const setting good{.name = "x", .kind = duration, .fallback = "3s", .help = "Something"};
    CHECK(table_flaw(good).empty());
    CHECK_THROWS_WITH(settings_parser({good, good}), "the setting 'x': declared twice");
    CHECK_THAT(table_flaw({.name = "X", .fallback = "", .help = ""}), Catch::Contains("small letters"));
    CHECK_THAT(table_flaw({.name = "x", .kind = duration, .fallback = "3", .help = ""}),
               Catch::Contains("no unit"));
    CHECK_THAT(table_flaw({.name = "x", .kind = integer, .fallback = "", .help = ""}),
               Catch::Contains("default"));
    CHECK_THAT(table_flaw({.name = "x", .kind = choice, .fallback = "a", .help = ""}),
               Catch::Contains("choices"));
    CHECK_THAT(table_flaw({.name = "x", .fallback = "", .help = "", .repeatable = true}),
               Catch::Contains("list"));
    CHECK_THAT(table_flaw({.name = "x", .kind = urls, .fallback = "", .help = "", .secret = true}),
               Catch::Contains("secret"));
}

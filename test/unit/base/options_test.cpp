// Flags, environment and file: which of them wins, where a mistake is said to stand, and the texts made from
// the table.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "base/options.hpp"
#include "base/options_file.hpp"

using namespace distd;

namespace {

std::vector<setting> sample_table() {
    using enum setting_kind;
    return {
        {.name = "role",
         .kind = choices,
         .fallback = "all",
         .help = "Roles to play",
         .choices = {"log", "portal"},
         .repeatable = true},
        {.name = "listen", .kind = texts, .fallback = "", .help = "Where to listen", .repeatable = true},
        {.name = "beat",
         .kind = duration,
         .fallback = "3s",
         .help = "Time between beats",
         .least = 10,
         .most = 60'000},
        {.name = "limit", .kind = size, .fallback = "16MiB", .help = "Room for it"},
        {.name = "count", .kind = integer, .fallback = "5", .help = "How many", .least = 1, .most = 9},
        {.name = "format",
         .kind = choice,
         .fallback = "auto",
         .help = "How it looks",
         .choices = {"auto", "json"}},
        {.name = "motto", .kind = text, .fallback = "", .help = "What it says"},
        {.name = "token", .kind = text, .fallback = "", .help = "What opens it", .secret = true},
        {.name = "insecure", .kind = on_off, .fallback = "off", .help = "Insist", .group = "Security"},
        {.name = "access-log",
         .kind = on_off,
         .fallback = "on",
         .help = "A line for each request",
         .group = "Logs"},
        {.name = "registry", .kind = urls, .fallback = "http://127.0.0.1:3000", .help = "Registries"},
        {.name = "peer", .kind = address, .fallback = "", .help = "Another one"},
        {.name = "config", .kind = path, .fallback = "", .help = "Config file", .group = "Other"},
        {.name = "help",
         .kind = on_off,
         .fallback = "off",
         .help = "Print this",
         .group = "Other",
         .flag_only = true},
    };
}

const settings_parser& parser() {
    static const settings_parser instance(sample_table());
    return instance;
}

using environment = std::map<std::string, std::string>;

settings parse(std::vector<std::string> arguments, environment variables = {}, const std::string& file = {}) {
    return parser().parse(
        {std::move(arguments), std::move(variables), [file](const std::string&) { return file; }});
}

settings parse_file(const std::string& text) { return parse({"--config=a.conf"}, {}, text); }

// What the user reads; "" when all is well.
std::string complaint(const std::vector<std::string>& arguments, const environment& variables = {},
                      const std::string& file = {}) {
    try {
        static_cast<void>(parse(arguments, variables, file));
        return {};
    } catch (const settings_error& wrong) {
        return wrong.what();
    }
}

std::string file_complaint(const std::string& text) { return complaint({"--config=a.conf"}, {}, text); }

std::string table_flaw(const setting& row) {
    try {
        const settings_parser refused({row});
        return {};
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

}  // namespace

TEST_CASE("without anything given every setting has its default") {
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

TEST_CASE("the file is the one that --config names, before DISTD_CONFIG") {
    const auto read_only = [](const std::string& path) { return "motto = " + path + "\n"; };
    const environment variable{{"DISTD_CONFIG", "b.conf"}};
    CHECK(parser().parse({{"--config=a.conf"}, variable, read_only}).text("motto") == "a.conf");
    CHECK(parser().parse({{}, variable, read_only}).text("motto") == "b.conf");
    CHECK(parser().parse({{"--config="}, variable, read_only}).text("motto").empty());
    CHECK(parser().parse({{}, {}, read_only}).text("motto").empty());
}

TEST_CASE("a config file that cannot be read is named with the reason") {
    const std::string missing = DISTD_SOURCE_DIR "/no-such-file.conf";
    try {
        static_cast<void>(parser().parse({{"--config=" + missing}}));
        FAIL("it was read");
    } catch (const settings_error& wrong) {
        CHECK_THAT(wrong.what(), Catch::StartsWith("--config=" + missing) && Catch::Contains("No such file"));
    }
    CHECK_THROWS_WITH(read_config_file(DISTD_SOURCE_DIR), Catch::Contains("directory"));
    CHECK_THROWS_WITH(read_config_file("/dev/zero"), Catch::Contains("larger than 1MiB"));
}

TEST_CASE("a wrong name is refused where it stands, with the name that was meant") {
    CHECK(complaint({"--rol=x"}) == "--rol=x: no such flag; did you mean --role?");
    CHECK(complaint({"--zebra"}) == "--zebra: no such flag");
    CHECK(complaint({"--no-insecur"}) == "--no-insecur: no such flag; did you mean --no-insecure?");
    CHECK(complaint({}, {{"DISTD_ROL", "x"}}) == "DISTD_ROL: no such setting; did you mean DISTD_ROLE?");
    CHECK(complaint({}, {{"DISTD_role", "log"}}) == "DISTD_role: no such setting; did you mean DISTD_ROLE?");
    CHECK(complaint({}, {{"DISTD_ZEBRA", ""}}) == "DISTD_ZEBRA: no such setting");
    CHECK(file_complaint("\nrol = x\n") == "a.conf:2: rol: no such setting; did you mean role?");
}

TEST_CASE("a wrong value is refused where it stands, with what would be right") {
    CHECK(complaint({"--beat=1ms"}) == "--beat=1ms: must be from 10ms to 1m");
    CHECK(complaint({}, {{"DISTD_BEAT", "1ms"}}) == "DISTD_BEAT=1ms: must be from 10ms to 1m");
    CHECK(file_complaint("# a\n\nbeat = 1ms\n") == "a.conf:3: beat = 1ms: must be from 10ms to 1m");
}

TEST_CASE("a wrong value is refused also when a stronger one stands beside it") {
    CHECK_THAT(complaint({"--beat=1s"}, {{"DISTD_BEAT", "x"}}), Catch::StartsWith("DISTD_BEAT=x: "));
}

TEST_CASE("words that are no flags are refused with the form of a flag") {
    CHECK_THAT(complaint({"log"}), Catch::Contains("'log' is no flag"));
    CHECK_THAT(complaint({"-role=log"}),
               Catch::Contains("--name=value") && Catch::EndsWith("did you mean --role?"));
    CHECK_THAT(complaint({"--insecure", "off"}), Catch::EndsWith("write --insecure=off"));
    CHECK_THAT(complaint({"--"}), Catch::Contains("no flag"));
    CHECK_THAT(complaint({""}), Catch::Contains("no flag"));
}

TEST_CASE("a flag that lacks its value says so") {
    CHECK(complaint({"--beat"}) == "--beat: needs a value, such as --beat=3s");
    CHECK(complaint({"--beat", "--insecure"}) == "--beat: needs a value, such as --beat=3s");
    CHECK(complaint({"--motto"}) == "--motto: needs a value");
    CHECK(complaint({"--no-insecure=yes"}) == "--no-insecure=yes: takes no value; write --no-insecure");
    CHECK_THAT(complaint({"--no-beat"}), Catch::StartsWith("--no-beat: no such flag"));
}

TEST_CASE("what only makes sense as a flag is refused elsewhere") {
    CHECK(complaint({}, {{"DISTD_HELP", "on"}}) == "DISTD_HELP: this is only a flag, --help");
    CHECK_THAT(file_complaint("help = on\n"), Catch::Contains("cannot stand in a config file"));
    CHECK_THAT(file_complaint("config = b.conf\n"), Catch::Contains("cannot stand in a config file"));
}

TEST_CASE("the environment of this process is read as far as it is meant for us") {
    ::setenv("DISTD_SAMPLE", "a=b", 1);
    ::setenv("OTHER_DISTD_SAMPLE", "c", 1);
    const auto found = own_environment();
    ::unsetenv("DISTD_SAMPLE");
    ::unsetenv("OTHER_DISTD_SAMPLE");
    CHECK(found.at("DISTD_SAMPLE") == "a=b");
    CHECK(found.count("OTHER_DISTD_SAMPLE") == 0);
}

TEST_CASE("help is found among arguments that are wrong otherwise") {
    CHECK(settings_parser::asks_for({"--rol=x", "--help"}, "help"));
    CHECK(settings_parser::asks_for({"-h"}, "help"));
    CHECK_FALSE(settings_parser::asks_for({"-h"}, "version"));
    CHECK_FALSE(settings_parser::asks_for({"--role=help"}, "help"));
}

TEST_CASE("a config file has comments, blank lines, blanks and quotes where people put them") {
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

TEST_CASE("a line that is no setting is refused by its number") {
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

TEST_CASE("a setting that stands twice in a file is refused with both lines") {
    CHECK(file_complaint("beat = 1s\n\nbeat = 2s") ==
          "a.conf:3: beat: stands already at a.conf:1; keep one of the two");
    CHECK_THAT(file_complaint("listen = a\nlisten = b"), Catch::EndsWith("with commas between items"));
}

TEST_CASE("a secret in a broken line of a file is not quoted") {
    CHECK_THAT(file_complaint("token hunter2"), !Catch::Contains("hunter2"));
    CHECK_THAT(file_complaint("token = \"hunter2"), !Catch::Contains("hunter2"));
}

TEST_CASE("the settings in effect are a config file that is read as the same settings") {
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

TEST_CASE("the settings in effect say where each comes from") {
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

TEST_CASE("the settings in effect show that a secret is set, and not which it is") {
    const auto printed = parser().effective(parse({"--token=hunter2"}));
    CHECK_THAT(printed,
               !Catch::Contains("hunter2") && Catch::Contains("# token is set, not shown  # --token"));
    CHECK(parse_file(printed).text("token").empty());
}

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

TEST_CASE("the man page's list loses no character to troff") {
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

TEST_CASE("a hidden setting works and is not advertised") {
    setting row{.name = "trap", .kind = setting_kind::on_off, .fallback = "off", .help = "Something"};
    row.flag_only = true;
    row.hidden = true;
    const settings_parser with_hidden({row});
    CHECK(with_hidden.parse({{"--trap"}}).on("trap"));
    CHECK_THAT(with_hidden.help(""), !Catch::Contains("trap"));
    CHECK_THAT(with_hidden.man_options(), !Catch::Contains("trap"));
    CHECK_THROWS_WITH(with_hidden.parse({{"--trip"}}), "--trip: no such flag");
}

TEST_CASE("a table with a mistake is refused by name before anything is parsed") {
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

// The table of the binary: which roles it plays, and that every row of it is sound.
#include "app/app_settings.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "base/settings/options.hpp"
#include "sdk/process/host_settings.hpp"

using namespace distd;

namespace {

std::vector<role_description> sample_roles() {
    role_description registry;
    registry.name = "registry";
    registry.default_address = "127.0.0.1:3000";
    registry.summary = "Knows them all";
    role_description log;
    log.name = "log";
    log.default_address = "127.0.0.1:4000";
    log.summary = "Keeps lines";
    log.settings.push_back({.name = "log-keep",
                            .kind = setting_kind::duration,
                            .fallback = "7d",
                            .help = "How long lines are kept",
                            .group = "Role log"});
    return {registry, log};
}

const std::vector<role_description>& roles() {
    static const auto table = sample_roles();
    return table;
}

const settings_parser& parser() {
    static const settings_parser instance(app::app_settings(roles()));
    return instance;
}

std::vector<std::string> played(std::vector<std::string> arguments) {
    std::vector<std::string> names;
    for (const auto* r : app::roles_to_play(parser().parse({std::move(arguments)}), roles()))
        names.push_back(r->name);
    return names;
}

std::string early(const std::vector<std::string>& arguments) {
    return early_answer(parser(), arguments, "distd", app::usage(roles())).value_or("");
}

}  // namespace

TEST_CASE("without arguments every role runs") {
    CHECK(played({}) == std::vector<std::string>{"registry", "log"});
    CHECK(played({"--role=all"}) == std::vector<std::string>{"registry", "log"});
}

TEST_CASE("roles start in the order of their table") {
    CHECK(played({"--role=log,registry"}) == std::vector<std::string>{"registry", "log"});
    CHECK(played({"--role=log", "--role=registry"}) == std::vector<std::string>{"registry", "log"});
    CHECK(played({"--role=log"}) == std::vector<std::string>{"log"});
}

TEST_CASE("an unknown role is refused with a suggestion") {
    CHECK_THROWS_WITH(played({"--role=registri"}),
                      Catch::StartsWith("--role=registri: ") && Catch::EndsWith("did you mean registry?"));
}

TEST_CASE("the roles of a process listen where their table says") {
    const auto s = parser().parse({{}});
    const auto listeners = app::listeners_of(app::roles_to_play(s, roles()), s);
    const auto listening = resolve_listen(s.list("listen"), s.origin("listen"), listeners);
    CHECK(listening.at("registry") == host_port{"127.0.0.1", 3000});
    CHECK(listening.at("log") == host_port{"127.0.0.1", 4000});
    for (const auto& [name, where] : listening)
        CHECK_NOTHROW(check_exposure(name, where, false, s.on("insecure")));
}

TEST_CASE("--help is printed despite other mistakes, with every role, setting and exit code") {
    const auto help = early({"--rol=x", "--help"});
    CHECK_THAT(help, Catch::Contains("  registry  Knows them all\n") && Catch::Contains("--log-keep=TIME"));
    for (const auto& row : host_settings()) {
        if (!row.hidden) CHECK_THAT(help, Catch::Contains(row.name));
    }
    for (const char* code : {"\n  0  ", "\n  1  ", "\n  2  ", "\n  3  "})
        CHECK_THAT(help, Catch::Contains(code));
    CHECK(help.find("Role log:") < help.find("Configuration:"));
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("version and the man page's list are printed on request, nothing otherwise") {
    CHECK_THAT(early({"--version"}), Catch::Matches("distd [0-9.]+\n"));
    CHECK_THAT(early({"--man-options"}), Catch::Contains(".TP\n\\fB\\-\\-log\\-keep\\fR"));
    CHECK(early({"--check-config"}).empty());
}

TEST_CASE("the defaults of every host setting are read as what they are said to be") {
    const auto s = parser().parse({{}});
    CHECK(s.list("registry") == std::vector<std::string>{"http://127.0.0.1:3000"});
    CHECK(s.text("data-dir") == "data");
    CHECK(s.duration("heartbeat-interval") == seconds(3));
    CHECK(s.duration("wait-for-dependencies") == seconds(0));
    CHECK(s.duration("drain-timeout") == seconds(10));
    CHECK(s.duration("header-timeout") == seconds(10));
    CHECK(s.duration("body-timeout") == seconds(30));
    CHECK(s.duration("idle-timeout") == seconds(75));
    CHECK(s.integer("max-connections") == 16'384);
    CHECK(s.size("spool-limit") == 16'777'216);
    CHECK(s.text("log-level") == "info");
    CHECK(s.text("log-format") == "auto");
    CHECK(s.on("access-log"));
    CHECK_FALSE(s.on("insecure"));
    CHECK(s.text("access-token-file").empty());
}

TEST_CASE("the settings in effect can be read back as a config file") {
    const auto first = parser().parse({{"--role=log", "--listen=log=:0", "--log-keep=1d"}});
    const std::string printed = parser().effective(first);
    const auto second = parser().parse({{"--config=a"}, {}, [&](const std::string&) { return printed; }});
    CHECK(second.list("role") == first.list("role"));
    CHECK(second.list("listen") == first.list("listen"));
    CHECK(second.duration("log-keep") == first.duration("log-keep"));
}

TEST_CASE("a role's commands are found by their first word, and --help names them") {
    auto with_command = sample_roles();
    with_command[1].commands = {{"logs", "cat FILE...", "prints lines", nullptr}};
    const auto* found = app::command_of({"logs", "cat", "x"}, with_command);
    REQUIRE(found);
    CHECK(found->summary == "prints lines");
    CHECK(app::command_of({"--role=log"}, with_command) == nullptr);
    CHECK(app::command_of({}, with_command) == nullptr);
    CHECK_THAT(app::usage(with_command),
               Catch::Contains("distd logs cat FILE...") && Catch::Contains("logs: prints lines"));
}

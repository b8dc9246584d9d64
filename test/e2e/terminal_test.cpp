// What a person sees who starts the real binary in a terminal.
#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>

#include "support/foreign_service.hpp"
#include "support/http_exchange.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/terminal_process.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;

std::vector<std::string> distd_with(const temp_dir& dir, const std::string& roles,
                                    std::vector<std::string> more = {}) {
    std::vector<std::string> command{distd_binary(), "--role=" + roles, "--listen=127.0.0.1:0",
                                     "--data-dir=" + (dir / "data")};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

bool has_match(const std::string& text, const std::string& pattern) {
    return std::regex_search(text, std::regex(pattern));
}

const std::map<std::string, std::string> plain{{"NO_COLOR", "1"}};

}  // namespace

TEST_CASE("a terminal shows what runs where, which address to open, and that it is ready") {
    temp_dir dir;
    terminal_process p(distd_with(dir, "all"), plain);
    p.wait_for("(Ctrl-C stops it)\n\n");
    CHECK(has_match(p.screen(),
                    "^distd [0-9.]+ · 5 services in this process · data in /|"
                    "^distd [0-9.]+ · registry, log, grading, portal, console in this process"));
    CHECK(has_match(p.screen(), "\n  registry  http://127.0.0.1:[0-9]+ +services, health, configuration\n"));
    const auto console = p.address("console");
    CHECK(
        has_match(p.screen(), "\n● ready after [0-9.]+ m?s. Open " + console + "/ \\(Ctrl-C stops it\\)\n"));
    CHECK_FALSE(p.shows("\nready\n"));
    CHECK(exchange("GET", console + "/heartbeat").status == 200);
}

TEST_CASE("a terminal shows one line for a request of a person, and none for what programs ask each other") {
    temp_dir dir;
    terminal_process p(distd_with(dir, "all", {"--heartbeat-interval=20ms"}), plain);
    p.wait_for("(Ctrl-C stops it)");
    for (const auto* name : {"LogService", "GradingService", "Portald", "Console"}) {
        p.wait_for(std::string(name) + " ");
        CHECK(has_match(p.screen(), "\n[0-9]{2}:[0-9]{2}:[0-9]{2} " + std::string(name) + " +registered\n"));
    }
    CHECK(exchange("GET", p.address("portal") + "/heartbeat").status == 200);
    CHECK(exchange("GET", p.address("portal") + "/metrics").status == 200);
    CHECK(exchange("POST", p.address("log") + "/log", "[Test] - a line\n", "text/plain").status == 200);
    CHECK(exchange("GET", p.address("console") + "/assets/style.css").status == 200);
    for (const auto* role : {"registry", "log", "portal", "console"})  // as a browser does by itself
        CHECK(exchange("GET", p.address(role) + "/favicon.ico").status == 404);
    CHECK(exchange("GET", p.address("console") + "/").status == 200);  // which asks the registry and the log
    CHECK(exchange("GET", p.address("portal") + "/students").status == 200);  // which asks the grading role
    CHECK(exchange("GET", p.address("portal") + "/nowhere").status == 404);
    process client({distd_binary(), "services"}, dir / "said", {{"DISTD_REGISTRY", p.address("registry")}});
    CHECK(client.wait() == 0);
    CHECK(exchange("POST", p.address("registry") + "/services", "{}").status == 400);
    p.wait_for("400 POST /services");
    const auto requests = p.screen().substr(p.screen().find(" GET  "));
    CHECK(has_match(p.screen(), " 200 GET  / +console +[0-9.]+ m?s\n"));
    CHECK(has_match(p.screen(), " 200 GET  /students +portal +[0-9.]+ m?s\n"));
    CHECK(has_match(p.screen(), " 404 GET  /nowhere +portal +[0-9.]+ m?s\n"));
    CHECK(std::ranges::count(requests, '\n') == 4);
    CHECK_THAT(p.screen(),
               !Contains("heartbeat") && !Contains("/log ") && !Contains("assets") && !Contains("favicon"));
}

TEST_CASE("with --log-level=debug a terminal shows the requests of programs, too") {
    temp_dir dir;
    terminal_process p(distd_with(dir, "registry,log", {"--log-level=debug", "--heartbeat-interval=20ms"}),
                       plain);
    p.wait_for("200 GET  /heartbeat");
    p.wait_for("200 POST /services");
}

TEST_CASE("a terminal shows in words which instance was lost and why, and after how long it was back") {
    temp_dir dir;
    terminal_process p(distd_with(dir, "registry", {"--heartbeat-interval=20ms"}), plain);
    p.wait_for("(Ctrl-C stops it)");
    foreign_service book({.name = "BookService"});
    book.start();
    book.enroll(p.address("registry"));
    p.wait_for(" BookService " + book.url() + " registered\n");
    book.stop();
    p.wait_for(" ▲ BookService " + book.url() + " lost: ");
    book.start();
    p.wait_for(" ● BookService " + book.url() + " back after ");
    const auto drain = R"({"ServiceURL":")" + book.url() + R"(","Reason":"disk swap"})";
    CHECK(exchange("PUT", p.address("registry") + "/drain", drain, "application/json", {},
                   "X-Distd-Actor: ops\r\n")
              .status == 200);
    p.wait_for(" ‖ BookService " + book.url() + " drained by ops: disk swap\n");
    CHECK_FALSE(p.shows("instance_"));
}

TEST_CASE("a terminal shows colours unless NO_COLOR is set or it is a dumb one") {
    const auto screen_with = [](const std::map<std::string, std::string>& environment) {
        temp_dir dir;
        terminal_process p(distd_with(dir, "portal", {"--registry=http://127.0.0.1:1"}), environment);
        p.wait_for("(Ctrl-C stops it)");
        static_cast<void>(exchange("GET", p.address("portal") + "/nowhere"));
        p.wait_for("/nowhere");
        return p.screen();
    };
    CHECK_THAT(screen_with({}), Contains("\x1b[32mready\x1b[0m") && Contains("\x1b[33m404\x1b[0m"));
    CHECK_THAT(screen_with({{"NO_COLOR", "1"}}), !Contains("\x1b"));
    CHECK_THAT(screen_with({{"TERM", "dumb"}}), !Contains("\x1b"));
}

TEST_CASE("with access tokens the terminal's link to the console signs in once") {
    temp_dir dir;
    std::ofstream(dir / "tokens") << "a-token-of-sixteen\n";
    REQUIRE(::chmod((dir / "tokens").c_str(), 0600) == 0);
    terminal_process p(
        distd_with(dir, "console",
                   {"--access-token-file=" + (dir / "tokens"), "--registry=http://127.0.0.1:1"}),
        plain, 120);
    p.wait_for("(Ctrl-C stops it)");
    std::smatch link;
    REQUIRE(std::regex_search(p.screen(), link, std::regex("Open (http://[^ \n]+/\\?t=[0-9a-f]+)")));
    CHECK_THAT(exchange("GET", link[1]).header("Set-Cookie"), Contains("distd_console="));
    CHECK(exchange("GET", link[1]).header("Set-Cookie").empty());
}

TEST_CASE("a service that was made with the SDK shows its own name in a terminal") {
    temp_dir dir;
    terminal_process p({book_service_binary(), "--listen=127.0.0.1:0", "--data-dir=" + (dir / "data"),
                        "--registry=http://127.0.0.1:1"},
                       plain);
    p.wait_for("(Ctrl-C stops it)");
    CHECK_THAT(p.screen(), Catch::StartsWith("BookService · data in /"));
    CHECK(exchange("GET", p.address("BookService") + "/books").status == 200);
    p.wait_for("200 GET  /books");
    p.type('\x03');
    p.read_to_end();
    CHECK_THAT(p.screen(), Contains("stopping"));
    CHECK(p.wait() == 0);
}

TEST_CASE("in a terminal --log-format decides the form of lines") {
    temp_dir dir;
    terminal_process text(distd_with(dir, "portal", {"--log-format=text", "--registry=http://127.0.0.1:1"}),
                          plain);
    text.wait_for("(Ctrl-C stops it)");
    static_cast<void>(exchange("GET", text.address("portal") + "/nowhere"));
    text.wait_for("/nowhere");
    CHECK(has_match(text.screen(), "Z INFO  Portald  404 GET "));
    temp_dir other;
    terminal_process json(distd_with(other, "portal", {"--log-format=json", "--registry=http://127.0.0.1:1"}),
                          plain);
    json.wait_for("(Ctrl-C stops it)");
    static_cast<void>(exchange("GET", json.address("portal") + "/nowhere"));
    json.wait_for(R"("path":"/nowhere","status":404)");
}

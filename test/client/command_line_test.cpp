// The command line itself: unknown words, help, completion in bash, every example of the man page.
#include <algorithm>
#include <filesystem>

#include "client/client_fixture.hpp"
#include "client/verbs/verbs.hpp"
#include "support/raw_peer.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;
using distd::ops::client::all_verbs;

TEST_CASE("an unknown first word names the nearest verb and ends with 2; flags still run roles") {
    shell sh;
    const auto r = sh.distd({"servces"});
    CHECK(r.code == 2);
    CHECK_THAT(r.err, Contains("no verb 'servces'") && Contains("did you mean distd services?"));
    CHECK(sh.distd({"services", "--sik"}).code == 2);
    CHECK_THAT(sh.distd({"services", "--sik"}).err, Contains("did you mean --sick?"));
    CHECK(sh.distd({"--role=registry", "--check-config"}).code == 0);
    CHECK(sh.distd({"run", "--role=registry", "--check-config"}).code == 0);
    CHECK(sh.distd({"run", "--role=registri"}).code == 2);
    sh.environment["DISTD_TOKEN"] = "for-the-client-only";
    CHECK(sh.distd({"run", "--role=registry", "--check-config"}).code == 0);
}

TEST_CASE("distd alone at a terminal says what runs and what to do next, in fifteen lines at most") {
    small_town t;
    for (int i = 0; i < 9; ++i)
        t.add("service" + std::to_string(i)).heartbeat_is(foreign_service::mood::failing);
    const auto at_terminal = [&](const std::string& line) {
        return t.sh.bash("script -qec 'stty cols 70; " + line + "' /dev/null </dev/null").out;
    };
    const auto text = at_terminal(distd_binary());
    CAPTURE(text);
    CHECK_THAT(text, Contains("knows 9 services") && Contains("service0") && Contains("distd logs NAME -f"));
    CHECK(std::count(text.begin(), text.end(), '\n') <= 15);
    t.sh.environment["DISTD_REGISTRY"] = "http://127.0.0.1:1";
    CHECK_THAT(at_terminal(distd_binary()), Contains("cannot reach the registry") && Contains("distd run"));
}

TEST_CASE("help is printed for every verb, with its options and examples") {
    shell sh;
    CHECK_THAT(sh.distd({"help"}).out, Contains("services") && Contains("config") && Contains("completion"));
    for (const auto& v : all_verbs()) {
        CAPTURE(v.name);
        const auto help = sh.distd({"help", v.name});
        CHECK(help.code == 0);
        CHECK_THAT(help.out, StartsWith("Usage: distd " + v.name) && Contains("Examples:"));
        if (!v.takes_rest) CHECK(sh.distd({v.name, "--help"}).out == help.out);
    }
    CHECK(sh.distd({"help", "servces"}).code == 2);
}

TEST_CASE("the completion of bash completes verbs, options, services, instances and keys") {
    small_town t;
    t.add("cart");
    t.add("my service");
    t.sh.distd({"config", "set", "cart/limits", "1"});
    const auto complete = [&](const std::string& line) {
        return t.sh
            .bash("PATH=" + std::filesystem::path(distd_binary()).parent_path().string() +
                  ":$PATH; unset -f distd; eval \"$(command distd completion bash)\"; COMP_LINE='" + line +
                  "'; COMP_POINT=${#COMP_LINE}; _distd; printf '%s|' \"${COMPREPLY[@]}\"")
            .out;
    };
    // On a busy machine the registry's answer may come too late for once.
    const auto completes = [&](const std::string& line, const std::string& expected) {
        t.w.until(line + " is completed", [&] { return complete(line) == expected; });
    };
    CHECK(complete("distd serv") == "services|");
    CHECK(complete("distd services --si") == "--sick|");
    completes("distd show c", "cart|");
    completes("distd show my", "my\\ service|");
    completes("distd drain cart/", "cart/1|");
    t.w.until("URLs are completed",
              [&] { return complete("distd drain http://127.").starts_with("//127.0.0.1:"); });
    CHECK(complete("distd config ge") == "get|");
    completes("distd config get cart/l", "cart/limits|");
    CHECK(complete("distd help ev") == "events|");
    // Nobody waits for a registry that does not answer.
    t.sh.environment["DISTD_REGISTRY"] = "http://127.0.0.1:1";
    CHECK(complete("distd show c") == "|");
}

TEST_CASE("the completion is clean in shellcheck, where that is installed") {
    shell sh;
    if (sh.bash("command -v shellcheck >/dev/null").code != 0) return;
    const auto r = sh.bash("distd completion bash >" + sh.home("completion.bash") + " && shellcheck " +
                           sh.home("completion.bash"));
    CAPTURE(r.out);
    CHECK(r.code == 0);
}

TEST_CASE("the man page has every verb and option, and groff finds nothing wrong with it") {
    shell sh;
    const auto page = sh.distd({"help", "--man"}).out;
    for (const auto& v : all_verbs()) CHECK_THAT(page, Contains("distd " + v.name));
    CHECK_THAT(page, Contains("\\-\\-exit\\-code"));
    if (sh.bash("command -v groff >/dev/null").code != 0) return;
    const auto r = sh.bash("distd help --man | groff -man -Tascii -ww >/dev/null");
    CHECK(r.err == "");
    CHECK(r.code == 0);
}

TEST_CASE("every example of the man page does what it says") {
    small_town t;
    t.start_log();
    t.start_portal();
    t.start_console();
    t.add("cart");
    t.add("cart");
    t.add("checkout");
    for (const auto* name : {"LogService", "Portald", "Console", "GradingService", "cart=2", "checkout"})
        t.until_up(name);
    t.w.http("POST", t.w.address("log", "log") + "/log",
             R"({"service":"cart","message":"one","trace":"4bf92f3577b34da6a3ce929d0e0e4736"})");
    t.sh.environment["EDITOR"] = "true";
    for (const auto& v : all_verbs()) {
        for (const auto& e : v.examples) {
            // What goes on until Ctrl-C gets one; that it went on is all that is asked of it.
            const bool is_endless = e.line.find(" -f") != std::string::npos || e.line == "distd top";
            const auto r = is_endless ? t.sh.bash("timeout -s INT 1 " + distd_binary() + e.line.substr(5))
                                      : t.sh.bash(e.line);
            CAPTURE(e.line, r.out, r.err);
            // 4: the answer is no, such as the first version of a key that has none to compare with, or an
            // instance at the sample's address.
            CHECK((r.code == 0 || r.code == 4 || (is_endless && r.code == 124)));
        }
    }
}

TEST_CASE("a port in use names who holds it and the flag that chooses another") {
    process_world w;
    w.start("registry", "registry");
    const auto port = std::to_string(port_of(w.address("registry", "registry")));
    shell sh;
    const auto r =
        sh.distd({"--role=registry", "--listen=127.0.0.1:" + port, "--data-dir=" + sh.home("data")});
    CHECK(r.code == 1);
    CHECK_THAT(r.err, Contains("process ") && Contains("(distd)") && Contains("--listen="));
}

// The command line itself: unknown words, help, completion in bash, every example of the man page.
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "client/client_fixture.hpp"
#include "client/verbs/verbs.hpp"
#include "support/raw_peer.hpp"
#include "support/terminal_process.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;
using distd::ops::client::all_verbs;
using distd::ops::client::common_options;

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

TEST_CASE("distd alone says which token to set where one is wanted") {
    temp_dir dir;
    std::ofstream(dir / "tokens") << "a-token-of-sixteen-letters\n";
    std::filesystem::permissions(dir / "tokens", std::filesystem::perms::owner_read);
    small_town t({"--access-token-file=" + (dir / "tokens")});
    terminal_process p({distd_binary()}, t.sh.environment);
    p.read_to_end();
    CHECK(p.shows("refused"));
    CHECK(p.shows("set DISTD_TOKEN"));
    CHECK(p.wait() == 0);
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

TEST_CASE("Tab completes in a bash of one's own") {
    small_town t;
    t.add("cart");
    t.sh.environment["PATH"] =
        std::filesystem::path(distd_binary()).parent_path().string() + ":/usr/bin:/bin";
    t.sh.environment["PS1"] = "ready> ";
    t.sh.environment["INPUTRC"] = "/dev/null";
    terminal_process bash({"/bin/bash", "--norc", "--noprofile", "-i"}, t.sh.environment);
    const auto type = [&](const std::string& keys) {
        for (const char key : keys) bash.type(key);
    };
    bash.wait_for("ready> ");
    type("source <(distd completion bash); echo sour''ced\n");
    bash.wait_for("sourced");
    type("distd serv\t--si\t >/dev/null && echo com''pleted\n");
    bash.wait_for("distd services --sick");
    bash.wait_for("completed");
    type("exit\n");
    CHECK(bash.wait() == 0);
}

TEST_CASE("the completion is clean in shellcheck") {
    shell sh;
    REQUIRE(sh.bash("command -v shellcheck >/dev/null").code == 0);
    const auto r = sh.bash("distd completion bash >" + sh.home("completion.bash") + " && shellcheck " +
                           sh.home("completion.bash"));
    CAPTURE(r.out);
    CHECK(r.code == 0);
}

TEST_CASE("the man page has every verb and option, and groff finds nothing wrong with it") {
    shell sh;
    const auto page = sh.distd({"help", "--man"}).out;
    const auto in_page = [](std::string name) {
        for (auto at = name.find('-'); at != name.npos; at = name.find('-', at + 2)) name.insert(at, "\\");
        return name;
    };
    for (const auto& v : all_verbs()) {
        const auto begin = page.find(".SS \"distd " + in_page(v.name));
        REQUIRE(begin != page.npos);
        const auto part = page.substr(begin, page.find(".S", begin + 3) - begin);
        for (const auto& o : v.options)
            if (!o.row.hidden) CHECK_THAT(part, Contains("\\-\\-" + in_page(o.row.name)));
    }
    for (const auto& o : common_options()) CHECK_THAT(page, Contains("\\-\\-" + in_page(o.row.name)));
    REQUIRE(sh.bash("command -v groff >/dev/null").code == 0);
    const auto r = sh.bash("distd help --man | groff -man -Tascii -ww >/dev/null");
    CHECK(r.err == "");
    CHECK(r.code == 0);
}

namespace {

std::string without_troff(std::string line) {
    const std::pair<std::string, std::string> escapes[]{{"\\&", ""},    {"\\-", "-"},   {"\\(aq", "'"},
                                                        {"\\(ga", "`"}, {"\\(ha", "^"}, {"\\(ti", "~"},
                                                        {"\\e", "\\"}};
    for (const auto& [escape, plain] : escapes)
        for (auto at = line.find(escape); at != line.npos; at = line.find(escape, at + plain.size()))
            line.replace(at, escape.size(), plain);
    return line;
}

// The examples of the page itself: what stands between .nf and .fi.
words examples_in(const std::string& page) {
    words out;
    std::istringstream in(page);
    bool is_example = false;
    for (std::string line; std::getline(in, line);) {
        if (line == ".nf" || line == ".fi") is_example = line == ".nf";
        if (is_example && !line.starts_with('.')) out.push_back(without_troff(line));
    }
    return out;
}

// What goes on until Ctrl-C gets one once it has printed something.
outcome run_until_it_prints(small_town& t, const std::string& line) {
    const auto out = t.sh.home("printed");
    process p({"/bin/bash", "-c", "exec " + distd_binary() + line.substr(5) + " >" + out}, t.sh.home("said"),
              t.sh.environment);
    t.w.until(line + " prints something", [&] { return !text_of_file(out).empty(); });
    p.signal(SIGINT);
    const auto code = p.wait();
    outcome r{code == 130 ? 0 : code, text_of_file(out), text_of_file(t.sh.home("said"))};
    std::filesystem::remove(out);
    return r;
}

}  // namespace

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
    const auto examples = examples_in(t.sh.distd({"help", "--man"}).out);
    std::size_t in_table = 0;
    for (const auto& v : all_verbs()) {
        in_table += v.examples.size();
        for (const auto& e : v.examples) {
            CAPTURE(e.line);
            CHECK(std::ranges::find(examples, e.line) != examples.end());
        }
    }
    CHECK(examples.size() == in_table);
    // Their answer is no here: a first version has none before it, and nobody is at the sample's address.
    const std::set<std::string> answer_is_no{"distd config diff cart/limits",
                                             "distd drain http://127.0.0.1:8100",
                                             "distd forget http://127.0.0.1:8100"};
    for (const auto& line : examples) {
        const bool is_endless = line.find(" -f") != std::string::npos || line == "distd top";
        const auto r = is_endless ? run_until_it_prints(t, line) : t.sh.bash(line);
        CAPTURE(line, r.out, r.err);
        CHECK(r.code == (answer_is_no.contains(line) ? 4 : 0));
        // Nobody is at its address: the next examples would find it lost, or not yet.
        if (line.starts_with("distd register")) CHECK(t.sh.distd({"forget", "printer"}).code == 0);
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

// distd logs -f and events -f over the death of the role that they read from.
#include <signal.h>

#include <algorithm>

#include "client/client_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

// Reads what a process prints, line by line, while it goes on: its output is a file.
words lines_in(const std::string& file) {
    words out;
    std::istringstream in(text_of_file(file));
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

}  // namespace

TEST_CASE("logs -f goes on over kill -9 of the log service: no line is missing, none comes twice") {
    small_town t;
    t.start_log();
    t.until_up("LogService");
    const auto address = t.w.address("log", "log");
    const auto listen = "--listen=log=" + address.substr(7);
    const auto recorded = t.sh.home("recorded");
    process follower(
        {"/bin/bash", "-c", "exec " + distd_binary() + " logs -f -n 0 -o cat -g recorded >" + recorded},
        t.sh.home("follower"), t.sh.environment);
    words sent;
    const auto send = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const auto line = "recorded " + std::to_string(sent.size());
            t.w.until("a line is taken", [&] {
                return t.w.http("POST", address + "/log", "[recorder] - " + line, "text/plain").status == 200;
            });
            sent.push_back(line);
        }
    };
    // It follows once it shows what is said.
    int before = 0;
    t.w.until("it follows", [&] {
        t.w.http("POST", address + "/log", "[recorder] - recorded before " + std::to_string(before++),
                 "text/plain");
        return !lines_in(recorded).empty();
    });
    const auto says = [&](const std::string& words, int times) {
        t.w.until("it says '" + words + "' so many times: " + std::to_string(times), [&] {
            const auto said = text_of_file(t.sh.home("follower"));
            int found = 0;
            for (auto at = said.find(words); at != said.npos; at = said.find(words, at + 1)) ++found;
            return found == times;
        });
    };
    for (int life = 1; life <= 3; ++life) {
        send(20);
        t.w.kill("log");
        says("lost the log service", life);
        t.start_log({listen});
        says("the log service is back", life);  // else the next loss would be the same one to it
    }
    send(20);
    const auto& last = sent.back();
    t.w.until("the last line is there",
              [&] { return !lines_in(recorded).empty() && lines_in(recorded).back() == last; });
    words seen;
    for (const auto& line : lines_in(recorded))
        if (line.find("before") == line.npos) seen.push_back(line);
    CHECK(seen == sent);
    const auto said = text_of_file(t.sh.home("follower"));
    CHECK_THAT(said, Contains("lost the log service at " + address + " after line ") &&
                         Contains("the log service is back: going on after line "));
}

TEST_CASE("logs -f gives a service the same colour in each run, and another service another one") {
    small_town t;
    t.start_log();
    t.until_up("LogService");
    const auto log = t.w.address("log", "log");
    int runs = 0;
    // What stands before the name of each service, after these lines have been followed by one more process.
    const auto colours_after = [&](const words& services) {
        const auto recorded = t.sh.home("recorded-" + std::to_string(++runs));
        process follower({"/bin/bash", "-c",
                          "exec " + distd_binary() + " logs -f -n 0 --color=always -g greeting >" + recorded},
                         t.sh.home("follower"), t.sh.environment);
        std::map<std::string, std::string> colours;
        for (const auto& name : services)
            t.w.until(name + " is shown", [&] {
                t.w.http("POST", log + "/log", "[" + name + "] - greeting", "text/plain");
                const auto shown = text_of_file(recorded);
                const auto at = shown.find("m" + name + "\x1b[0m");
                if (at == shown.npos) return false;
                const auto begin = shown.rfind('\x1b', at);
                colours[name] = shown.substr(begin, at + 1 - begin);
                return true;
            });
        return colours;
    };
    const auto colours = colours_after({"cart", "checkout"});
    CHECK(colours.at("cart") != colours.at("checkout"));
    CHECK(colours_after({"checkout", "LogService", "cart"}).at("cart") == colours.at("cart"));
    CHECK(colours_after({"LogService", "checkout"}).at("checkout") == colours.at("checkout"));
}

TEST_CASE("top goes on when the gateway was away: it says so, and comes back by itself") {
    small_town t;
    t.start_portal();
    t.until_up("Portald");
    const auto recorded = t.sh.home("recorded");
    process top({"/bin/bash", "-c", "exec " + distd_binary() + " top -d 100ms >" + recorded},
                t.sh.home("top"), t.sh.environment);
    const auto tables = [&] {
        const auto lines = lines_in(recorded);
        return std::ranges::count_if(lines, [](const auto& line) { return line.starts_with("SERVICE"); });
    };
    const auto goes_on = [&](const std::string& how) {
        const auto before = tables();
        t.w.until("it goes on " + how, [&] { return tables() > before + 1; });
    };
    const auto says = [&](const std::string& words) {
        t.w.until("it says '" + words + "'",
                  [&] { return text_of_file(t.sh.home("top")).find(words) != std::string::npos; });
    };
    goes_on("at first");
    const auto address = t.w.address("portal", "portal");
    t.w.kill("portal");
    says("lost the gateway at " + address + " (connection refused); waiting for it");
    t.start_portal();  // at another port: it is found through the registry
    says("the gateway is back");
    goes_on("with the new one");
    t.w.kill("registry");
    goes_on("without the registry");
    top.signal(SIGINT);
    CHECK(top.wait() == 130);
}

TEST_CASE("services -w says when errors are no longer counted, and when they are again") {
    small_town t;
    t.start_log();
    t.until_up("LogService");
    process watch({"/bin/bash", "-c", "exec " + distd_binary() + " services -w >/dev/null"},
                  t.sh.home("watch"), t.sh.environment);
    const auto says = [&](const std::string& words) {
        t.w.until("it says '" + words + "'",
                  [&] { return text_of_file(t.sh.home("watch")).find(words) != std::string::npos; });
    };
    says("1 service");
    t.w.kill("log");
    says(": errors are not counted");
    t.start_log();
    says("the log service is back: errors are counted again");
}

TEST_CASE("events -f goes on over kill -9 of the registry with what happened meanwhile") {
    process_world w;
    shell sh;
    w.start("registry", "registry");
    const auto registry = w.address("registry", "registry");
    sh.environment["DISTD_REGISTRY"] = registry;
    const auto recorded = sh.home("recorded");
    process follower({"/bin/bash", "-c", "exec " + distd_binary() + " events -f -n 100 >" + recorded},
                     sh.home("follower"), sh.environment);
    const auto enroll = [&](const std::string& name) {
        w.http("POST", registry + "/services",
               R"({"ServiceName":")" + name + R"(","ServiceURL":"http://127.0.0.1:9/)" + name + "\"}");
    };
    enroll("one");
    w.until("the first is shown", [&] { return text_of_file(recorded).find("one ") != std::string::npos; });
    w.kill("registry");
    w.until("it says so",
            [&] { return text_of_file(sh.home("follower")).find("lost the registry") != std::string::npos; });
    w.start("registry", "registry", {"--listen=registry=" + registry.substr(7)});
    enroll("two");
    w.until("the second is shown", [&] { return text_of_file(recorded).find("two ") != std::string::npos; });
    CHECK(lines_in(recorded).size() == 2);
}

TEST_CASE("logs are searched by name, level, time, expression and query, and shown around a line") {
    small_town t;
    t.start_log();
    t.until_up("LogService");
    const auto log = t.w.address("log", "log");
    const auto post = [&](const std::string& record) {
        REQUIRE(t.w.http("POST", log + "/log", record).status == 200);
    };
    post(R"({"service":"cart","level":"error","message":"Pool exhausted","user":"ann"})");
    post(R"({"service":"cart","level":"info","message":"checkout done"})");
    post(R"({"service":"old","level":"warn","message":"pool is low","time":"2020-01-02T03:04:05Z"})");
    const auto count = [&](words arguments) {
        arguments.insert(arguments.begin(), {"logs", "-o", "cat"});
        const auto r = t.sh.distd(arguments);
        CAPTURE(arguments, r.err);
        CHECK(r.code == 0);
        return r.out;
    };
    CHECK(count({"cart"}) == "Pool exhausted\ncheckout done\n");
    CHECK(count({"cart", "-p", "error"}) == "Pool exhausted\n");
    CHECK(count({"cart", "old", "-g", "pool"}) == "Pool exhausted\npool is low\n");
    CHECK(count({"cart", "old", "-g", "Pool"}) == "Pool exhausted\n");
    CHECK(count({"-q", "user:ann"}) == "Pool exhausted\n");
    CHECK(count({"old", "-S", "2020-01-02", "-U", "2020-01-03", "--utc"}) == "pool is low\n");
    CHECK(count({"cart", "-S", "15m"}) == "Pool exhausted\ncheckout done\n");
    const auto one = t.sh.distd({"logs", "cart", "-n1", "-o", "json"}).out;
    const auto seq = one.substr(one.find(':') + 1, one.find(',') - one.find(':') - 1);
    CHECK_THAT(count({"--around", seq, "-n", "1"}), Contains("Pool exhausted") && Contains("checkout done"));
    CHECK(t.sh.distd({"logs", "-q", "(unfinished"}).code == 2);
    CHECK(t.sh.distd({"logs", "-S", "soon"}).code == 2);
    CHECK(t.sh.distd({"logs", "-f", "-U", "1m"}).code == 2);
    CHECK_THAT(t.sh.distd({"logs", "cart", "-n1", "--utc"}).out,
               Contains("cart") && Contains("info") && Contains("checkout done"));
}

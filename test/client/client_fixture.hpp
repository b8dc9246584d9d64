// A system of real processes and an operator's shell in front of it: what a verb prints and how it ends.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "support/foreign_service.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

namespace distd::test {

using words = std::vector<std::string>;

struct outcome {
    int code = 0;
    std::string out;
    std::string err;
};

inline std::string text_of_file(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

class shell {
    temp_dir home_;

public:
    // Its own home, so that nobody's token is found.
    std::map<std::string, std::string> environment;

    shell()
        : environment{{"HOME", home_.path()},
                      {"USER", "ann"},
                      {"LC_ALL", "C.UTF-8"},
                      {"TZ", "UTC"},
                      {"XDG_CONFIG_HOME", ""}} {}

    outcome distd(const words& arguments) {
        words command{distd_binary()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return run(std::move(command));
    }
    // A line as somebody types it: `distd` is the binary of this build.
    outcome bash(const std::string& line) {
        return run({"/bin/bash", "-c", "distd() { " + distd_binary() + " \"$@\"; }; " + line});
    }
    outcome run(words command) {
        const auto errors = home_ / ("errors-" + std::to_string(++runs_));
        process p(std::move(command), errors, environment);
        auto out = p.read_all_output();
        const auto code = p.wait();
        return {code, std::move(out), text_of_file(errors)};
    }
    // One that goes on; its standard error is in `home()/name`.
    process start(const words& arguments, const std::string& name) {
        words command{distd_binary()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return process(std::move(command), home_ / name, environment);
    }
    [[nodiscard]] std::string home(const std::string& name) const { return home_ / name; }

private:
    int runs_ = 0;
};

// Registry, log service, and portal with console, each a process of its own.
class small_town {
public:
    explicit small_town(words more = {}) : more_(std::move(more)) {
        w.start("registry", "registry",
                with({"--heartbeat-interval=200ms", "--registry-probe-timeout=150ms"}));
        sh.environment["DISTD_REGISTRY"] = registry();
    }
    void start_log(const words& flags = {}) { start("log", "log", flags); }
    void start_portal() { start("portal", "portal,grading"); }
    void start_console() { start("console", "console"); }
    [[nodiscard]] std::string registry() const { return w.address("registry", "registry"); }
    [[nodiscard]] std::string registry_flag() const { return "--registry=" + registry(); }

    // A service of another make, which is up.
    foreign_service& add(const std::string& name) {
        auto& s = *services.emplace_back(
            std::make_unique<foreign_service>(foreign_setup{.name = name, .host = "127.0.0.1"}));
        s.start();
        s.enroll(registry());
        w.until(name + " is registered", [&] { return s.registered(); });
        return s;
    }
    void until_up(const std::string& name) {
        w.until(name + " is up", [&] { return sh.distd({"wait", name, "--timeout=5s"}).code == 0; });
    }

    process_world w;
    shell sh;
    std::vector<std::unique_ptr<foreign_service>> services;

private:
    [[nodiscard]] words with(words flags) const {
        flags.insert(flags.end(), more_.begin(), more_.end());
        return flags;
    }
    void start(const std::string& name, const std::string& roles, words flags = {}) {
        flags.push_back(registry_flag());
        flags.push_back("--heartbeat-interval=200ms");
        w.start(name, roles, with(std::move(flags)));
    }

    words more_;
};

}  // namespace distd::test

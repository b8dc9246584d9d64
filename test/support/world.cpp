#include "support/world.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "app/app_settings.hpp"
#include "role/mount.hpp"
#include "sdk/process/command_line.hpp"
#include "support/places.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

namespace distd::test {
namespace {

std::shared_ptr<log_sink> quiet_log(time_source& time) {
    log_sink::setup setup;
    setup.min = log_level::info;
    setup.descriptor = -1;  // taps only
    return std::make_shared<log_sink>(setup, time);
}

}  // namespace

in_process_world::~in_process_world() {
    while (!hosts_.empty()) {
        const auto name = hosts_.begin()->first;  // a copy: `stop` takes it out of the map
        stop(name);
    }
}

void in_process_world::start(const std::string& name, const std::string& roles,
                             std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"--role=" + roles, "--listen=127.0.0.1:0", "--data-dir=" + data_dir(name)});
    if (runs_over_tls() && roles == "portal") flags = over_tls(std::move(flags));
    const auto config = settings_parser(app::app_settings(all_roles())).parse({flags, {}});
    const auto log = logs_[name] = quiet_log(time);
    auto process = std::make_unique<host>(loop, time, config, log, real_disk(), look_up);
    const auto chosen = app::roles_to_play(config, all_roles());
    const auto places = places_of(config, app::listeners_of(chosen, config));
    for (std::size_t i = 0; i < chosen.size(); ++i) mount_role(*process, *chosen[i], places[i]);
    process->start();
    hosts_[name] = std::move(process);
    pump();
}

// With a certificate, unless the test brings its own.
std::vector<std::string> in_process_world::over_tls(std::vector<std::string> flags) const {
    const auto is_tls = [](const std::string& flag) { return flag.starts_with("--tls-listen="); };
    if (std::ranges::any_of(flags, is_tls)) return flags;
    const std::string file = dir_ / "certificate.pem";
    if (!std::filesystem::exists(file)) {
        std::ofstream(file) << any_certificate().pair();
        std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    }
    flags.push_back("--tls-listen=127.0.0.1:0");
    flags.push_back("--tls-cert-file=" + file);
    return flags;
}

void in_process_world::begin_stop(const std::string& name) {
    auto& how = stopping_[name];
    boost::asio::co_spawn(loop, hosts_.at(name)->stop(), [&how](std::exception_ptr e, bool ended) {
        how.done = true;
        how.clean = ended && !e;
    });
    pump();
}

void in_process_world::stop(const std::string& name) {
    if (!stopping_.contains(name)) begin_stop(name);
    auto& how = stopping_.at(name);
    until("the process " + name + " has stopped", [&] { return how.done; });
    const auto clean = how.clean;
    stopping_.erase(name);
    const auto process = std::move(hosts_.at(name));
    hosts_.erase(name);
    // Their ports may be anybody's from now on.
    for (const auto& [label, url] : process->addresses())
        if (url.starts_with("https:")) forget_tls_at(port_of(url));
    if (!clean) {
        std::string left;
        for (const auto& task : process->surviving_tasks()) left += " " + task;
        throw std::runtime_error("tasks are left after the stop of " + name + ":" + left);
    }
}

std::string in_process_world::address(const std::string& name, const std::string& role) const {
    return runs_over_tls() ? address_of(name, {role + "-tls", role}) : address_of(name, {role});
}

std::string in_process_world::plain_address(const std::string& name, const std::string& role) const {
    return address_of(name, {role});
}

// Of the first of them that there is.
std::string in_process_world::address_of(const std::string& name,
                                         const std::vector<std::string>& labels) const {
    const auto all = hosts_.at(name)->addresses();
    for (const auto& label : labels) {
        const auto found = std::ranges::find(all, label, [](const auto& one) { return one.first; });
        if (found == all.end()) continue;
        const auto& url = found->second;
        // The port may have been another host's before.
        url.starts_with("https:") ? speak_tls_at(port_of(url)) : forget_tls_at(port_of(url));
        return url;
    }
    throw std::runtime_error(name + " has no role " + labels.back());
}

http_answer in_process_world::http(const std::string& method, const std::string& url, const std::string& body,
                                   const std::string& content_type) {
    return exchange(method, url, body, content_type, [this] { pump(); });
}

void in_process_world::pump() {
    loop.restart();
    while (loop.poll() > 0) {}
}

void in_process_world::until(const std::string& what, const std::function<bool()>& holds) {
    // Disks and threads keep their own time: a little of it passes before ours moves on.
    for (int step = 0; step < 4000; ++step) {
        pump();
        if (holds()) return;
        loop.restart();
        loop.run_for(milliseconds(2));
        if (holds()) return;
        time.advance(milliseconds(20));
    }
    throw std::runtime_error("waited in vain: " + what);
}

void process_world::start(const std::string& name, const std::string& roles, std::vector<std::string> flags) {
    flags.insert(flags.begin(),
                 {distd_binary(), "--role=" + roles, "--listen=127.0.0.1:0", "--data-dir=" + data_dir(name)});
    process started(std::move(flags), dir_ / (name + ".log"));
    started.wait_until_ready();
    processes_.emplace(name, std::move(started));
}

void process_world::stop(const std::string& name) {
    auto& p = processes_.at(name);
    p.signal(SIGTERM);
    const auto code = p.wait();
    processes_.erase(name);
    if (code != 0)
        throw std::runtime_error(name + " ended with " + std::to_string(code) + ": " + errors(name));
}

void process_world::kill(const std::string& name) {
    auto& p = processes_.at(name);
    p.signal(SIGKILL);
    static_cast<void>(p.wait());
    processes_.erase(name);
}

std::string process_world::address(const std::string& name, const std::string& role) const {
    return processes_.at(name).address(role);
}

http_answer process_world::http(const std::string& method, const std::string& url, const std::string& body,
                                const std::string& content_type) {
    return exchange(method, url, body, content_type);
}

void process_world::until(const std::string& what, const std::function<bool()>& holds) {
    const auto guard = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > guard) throw std::runtime_error("waited in vain: " + what);
        std::this_thread::sleep_for(milliseconds(10));  // between two looks at another process
    }
}

std::string process_world::errors(const std::string& name) const {
    std::ifstream in(dir_ / (name + ".log"));
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

}  // namespace distd::test

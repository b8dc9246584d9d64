#include "sim/world.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "app/app_settings.hpp"
#include "base/logging/log_sink.hpp"
#include "base/rarely.hpp"
#include "role/mount.hpp"
#include "sdk/process/command_line.hpp"
#include "sdk/process/host.hpp"
#include "sim/drawn.hpp"
#include "sim/local_sockets.hpp"

namespace distd::sim {
namespace {

constexpr std::size_t notes_kept = 200;
constexpr int max_turns = 2'000'000;  // without any time passing: it spins

std::shared_ptr<log_sink> log_to_taps(time_source& time) {
    log_sink::setup setup;
    setup.min = log_level::info;
    setup.descriptor = -1;
    return std::make_shared<log_sink>(setup, time);
}

}  // namespace

struct world::process {
    process(std::string n, int who, const timeline& shared, wall_point::duration wrong_by)
        : name(std::move(n)), owner(who), clock(shared, wrong_by), log(log_to_taps(clock)) {}

    std::string name;
    int owner;
    boost::asio::io_context loop{1};
    process_clock clock;
    std::shared_ptr<log_sink> log;
    std::multimap<steady_point, std::function<void()>> steps;  // of its stores
    std::unique_ptr<host> that;
    void begin_stop();

    bool is_stopping = false;
    bool is_dead = false;
    bool has_stopped = false;
    bool was_clean = false;
    int turns_to_live = -1;  // without an end when negative
};

// Whose sockets are opened, and whose stores ask for turns.
class world::acting {
public:
    acting(world& w, process& p) : world_(w), before_(std::exchange(w.turning_, &p)), sockets_(p.owner) {}
    ~acting() { world_.turning_ = before_; }
    acting(const acting&) = delete;
    acting& operator=(const acting&) = delete;

private:
    world& world_;
    process* before_;
    local_sockets::owner sockets_;
};

void world::drawn_steps::ask_for(std::function<void()> step) {
    auto& p = *of.turning_;
    p.steps.emplace(p.clock.now() + span(of.draws, milliseconds(0), of.slowest_step), std::move(step));
}

bool world::takes(std::string_view branch) {
    if (!takes_rare_branches_) return false;
    auto found = rare_.find(branch);
    // Some can be taken a thousand times in a history, others ten times.
    constexpr std::uint64_t one_in[] = {3, 10, 30, 100, 300};
    if (found == rare_.end()) found = rare_.emplace(branch, draws.one_in(2) ? 0 : pick(draws, one_in)).first;
    if (!draws.one_in(found->second)) return false;
    taken_.emplace(branch);
    note("rarely: " + std::string(branch));
    return true;
}

world::world(std::uint64_t seed)
    : draws(seed), inner_(seed + 1), shows_all_(std::getenv("DISTD_SIM_TRACE") != nullptr) {
    set_random_source(&inner_);
    set_worker_steps(&steps_);
    decide_rare_branches([this](std::string_view branch) { return takes(branch); });
}

world::~world() {
    for (const auto& [name, p] : processes_) wind_up(*p);
    decide_rare_branches({});
    set_worker_steps(nullptr);
    set_random_source(nullptr);
}

void world::start(const std::string& name, const std::string& roles, std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"--role=" + roles, "--data-dir=/" + name});
    const auto config = settings_parser(app::app_settings(all_roles())).parse({flags, {}});
    auto p = std::make_unique<process>(name, next_owner_++, time, walls_);
    auto& disk = disk_of(name);
    disk.is_down() ? disk.start() : disk.begin_process();
    const acting as(*this, *p);
    p->that = std::make_unique<host>(p->loop, p->clock, config, p->log, disk);
    const auto chosen = app::roles_to_play(config, all_roles());
    const auto places = places_of(config, app::listeners_of(chosen, config));
    for (std::size_t i = 0; i < chosen.size(); ++i) mount_role(*p->that, *chosen[i], places[i]);
    p->that->start();
    for (const auto& [label, url] : p->that->addresses())
        p->log->tap(label, [this, name](log_level, std::string_view line) { hear_line(name, line); });
    processes_[name] = std::move(p);
    note(name + " has started");
}

void world::hear_line(const std::string& name, std::string_view line) {
    note(name + ": " + std::string(line));
    if (line.starts_with("task_failed") || line.starts_with("drain_failed")) failed_task_ = line;
}

void world::process::begin_stop() {
    is_stopping = true;
    boost::asio::co_spawn(loop, that->stop(), [this](std::exception_ptr e, bool ended) {
        has_stopped = true;
        was_clean = ended && !e;
    });
}

void world::stop(const std::string& name) {
    auto& p = *processes_.at(name);
    if (p.is_stopping) return;
    note(name + " is told to stop");
    p.begin_stop();
}

void world::kill(const std::string& name) {
    const auto p = std::move(processes_.at(name));
    processes_.erase(name);
    note(name + " is killed");
    wind_up(*p);
}

void world::cut_power(const std::string& name) {
    if (!is_gone(name)) kill(name);
    note("the power of " + name + " is cut");
    disk_of(name).crash();
}

page_disk& world::disk_of(const std::string& name) {
    auto& d = disks_[name];
    if (!d) d = std::make_unique<page_disk>(draws.draw());
    return *d;
}

void world::kill_after(const std::string& name, int turns) { processes_.at(name)->turns_to_live = turns; }

void world::spare(const std::string& name) {
    if (!is_gone(name)) processes_.at(name)->turns_to_live = -1;
}

// What is left of it ends in a time of its own, and reaches nobody: its sockets are severed, its disk takes
// nothing more.
void world::wind_up(process& p) {
    for (const auto& [label, url] : p.that->addresses()) p.log->tap(label, {});
    p.is_dead = true;
    local_sockets::sever(p.owner);
    disk_of(p.name).kill();
    p.turns_to_live = -1;
    if (!p.is_stopping) p.begin_stop();
    for (int i = 0; !p.has_stopped; ++i) {
        if (i > 100'000) throw broken_promise("no leaked tasks: " + p.name + " would not end");
        for (bool goes_on = true; goes_on;) {
            goes_on = turn(p);
            for (; !p.steps.empty(); goes_on = true) step(p);
        }
        if (p.has_stopped) break;
        p.clock.skip_to_next();
        p.clock.fire_due();
    }
    end(p);
}

void world::end(process& p) {
    {
        const acting as(*this, p);
        p.that.reset();
    }
    while (turn(p)) {}
    p.steps.clear();
}

bool world::is_up(const std::string& name) const {
    const auto found = processes_.find(name);
    return found != processes_.end() && !found->second->is_stopping;
}

bool world::is_gone(const std::string& name) const { return !processes_.contains(name); }

std::string world::address(const std::string& name, const std::string& role) const {
    for (const auto& [label, url] : processes_.at(name)->that->addresses())
        if (label == role) return url;
    throw std::runtime_error(name + " has no role " + role);
}

void world::set_walls(wall_point::duration wrong_by) {
    walls_ = wrong_by;
    for (const auto& [name, p] : processes_) p->clock.set_wall(wrong_by);
}

// False when it had nothing to do.
bool world::turn(process& p) {
    const acting as(*this, p);
    p.loop.restart();
    try {
        if (p.turns_to_live < 0) return p.loop.poll() > 0;
        if (p.loop.poll_one() == 0) return false;
    } catch (const std::exception& e) {
        // It would end the process. Of one that is dead already nobody hears.
        if (!p.is_dead) throw broken_promise("a clean stop: a handler of " + p.name + " threw " + e.what());
    }
    --p.turns_to_live;
    return true;
}

void world::settle() {
    for (int turns = 0, idle = 0; idle < 2; ++idle) {
        if (++turns > max_turns) throw broken_promise("every wait has a deadline: a loop spins");
        for (auto next = processes_.begin(); next != processes_.end();) {
            auto& p = *(next++)->second;
            if (turn(p)) idle = -1;
            if (p.turns_to_live == 0 || disk_of(p.name).is_down()) kill(std::string(p.name));
        }
        outside.restart();
        if (outside.poll() > 0) idle = -1;
    }
    reap();
    if (!failed_task_.empty()) throw broken_promise("a clean stop, and all before it: " + failed_task_);
}

// Those that have stopped by themselves.
void world::reap() {
    for (auto next = processes_.begin(); next != processes_.end();) {
        auto& p = *next->second;
        if (!p.has_stopped) {
            ++next;
            continue;
        }
        note(p.name + " has stopped");
        if (!p.was_clean) throw broken_promise("a clean stop: tasks are left of " + p.name);
        end(p);
        local_sockets::sever(p.owner);
        next = processes_.erase(next);
    }
}

steady_point world::next_due() const {
    auto due = time.next_due();
    for (const auto& [name, p] : processes_) {
        due = std::min(due, p->clock.next_due());
        if (!p->steps.empty()) due = std::min(due, p->steps.begin()->first);
    }
    return due;
}

// One piece of the work of its stores.
void world::step(process& p) {
    const acting as(*this, p);
    const auto piece = p.steps.extract(p.steps.begin());
    piece.mapped()();
}

void world::do_what_is_due() {
    for (const auto& [name, p] : processes_) p->clock.fire_due();
    settle();
    while (time.run_one()) settle();
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (const auto& [name, p] : processes_) {
            if (p->steps.empty() || p->steps.begin()->first > time.now()) continue;
            step(*p);
            if (disk_of(p->name).is_down()) kill(std::string(p->name));  // it died in the middle of it
            goes_on = true;
            break;
        }
        if (goes_on) settle();
    }
}

void world::advance_to(steady_point target) {
    settle();
    for (auto due = next_due(); due <= target; due = next_due()) {
        time.move_to(std::max(due, time.now()));
        do_what_is_due();
    }
    time.move_to(target);
}

void world::run_for(milliseconds span) { advance_to(time.now() + span); }

bool world::run_until(const std::function<bool()>& holds, milliseconds patience) {
    for (const auto end = time.now() + patience; time.now() < end;) {
        if (holds()) return true;
        run_for(milliseconds(100));
    }
    return holds();
}

void world::note(const std::string& what) {
    const auto at = std::chrono::duration_cast<std::chrono::microseconds>(time.now().time_since_epoch()) -
                    std::chrono::hours(1000);
    auto line = std::to_string(at.count()) + " " + what;
    for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211U;
    if (shows_all_) std::fprintf(stderr, "%s\n", line.c_str());
    notes_.push_back(std::move(line));
    if (notes_.size() > notes_kept) notes_.pop_front();
}

std::string world::last_notes() const {
    std::string all;
    for (const auto& line : notes_) all += "    " + line + "\n";
    return all;
}

}  // namespace distd::sim

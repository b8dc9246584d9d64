#include "sim/troubled_process.hpp"

#include <limits>
#include <utility>

#include "sim/drawn.hpp"

namespace distd::sim {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds default_step{2};

}  // namespace

troubled_process::troubled_process(world& w, std::string name, std::string roles,
                                   std::vector<std::string> flags)
    : world_(w),
      name_(std::move(name)),
      roles_(std::move(roles)),
      flags_(std::move(flags)),
      events_{{"stop", 1, [this] { stop(); }},
              {"kill", 1, [this] { kill(); }},
              {"kill in the middle", 1, [this] { kill_in_the_middle(); }},
              {"kill while writing", 1, [this] { kill_while_writing(); }},
              {"power cut", 1, [this] { cut_power(); }},
              {"full disk", 2, [this] { fill_disk(); }},
              {"sick disk", 1, [this] { sicken_disk(); }},
              {"slow disk", 1, [this] { slow_disk(); }},
              {"walls", 1, [this] { turn_walls(); }}} {}

void troubled_process::add(std::vector<event> more) {
    for (auto& e : more) events_.push_back(std::move(e));
}

void troubled_process::draw_weights() {
    if (std::exchange(is_drawn_, true)) return;
    std::string kinds;
    for (auto& e : events_) {
        e.weight *= world_.draws.one_in(2) ? 0 : world_.draws.between(1, 4);
        if (e.weight > 0) kinds += (kinds.empty() ? "" : ", ") + e.kind;
    }
    events_.push_back({"nothing", 1, [] {}});
    world_.note("what happens: " + kinds);
}

void troubled_process::trouble(milliseconds how_long, const std::function<void()>& check) {
    draw_weights();
    std::uint64_t sum = 0;
    for (const auto& e : events_) sum += e.weight;
    for (const auto end = world_.time.now() + how_long; world_.time.now() < end;) {
        auto drawn = world_.draws.below(sum);
        for (const auto& e : events_) {
            if (drawn < e.weight) {
                e.happens();
                break;
            }
            drawn -= e.weight;
        }
        world_.run_for(span(world_.draws, 1ms, 500ms));
        if (check) check();
    }
}

void troubled_process::heal() {
    world_.end_rare_branches();
    world_.note("all faults end");
    world_.set_walls(0min);
    world_.slowest_step = default_step;
    mend([](page_disk& d) {
        d.odds = {};
        d.odds_of.clear();
        d.full = false;
        d.calls_until_death = std::numeric_limits<std::uint64_t>::max();
    });
    world_.spare(name_);
    if (!world_.run_until([this] { return is_up(); }, 60s)) begin();
    world_.run_for(30s);  // what was to happen later has happened
    if (!is_up()) throw broken_promise("starts again: " + name_ + " does not run");
}

void troubled_process::restart() {
    world_.stop(name_);
    if (!world_.run_until([this] { return world_.is_gone(name_); }, 60s))
        throw broken_promise("a clean stop: " + name_ + " does not end");
    begin();
}

void troubled_process::be_gone_for(milliseconds span) {
    world_.kill(name_);
    world_.run_for(span);
    begin();
}

milliseconds troubled_process::soon() { return span(world_.draws, 1ms, 10s); }

void troubled_process::mend(const std::function<void(page_disk&)>& how) {
    how(disk());
    if (disk_is_well() && sound_since_ == steady_point::max()) sound_since_ = world_.time.now();
}

bool troubled_process::disk_is_well() { return !disk().full && !disk().is_sick(); }

void troubled_process::begin() {
    if (before_start) before_start();
    could_read_all_ = !disk().may_fail_to_read();
    if (disk().is_down()) disturbed_at_ = world_.time.now();
    try {
        world_.start(name_, roles_, flags_);
    } catch (const std::exception& e) {
        world_.note(name_ + " does not start: " + e.what());
        const bool was_killed = disk().is_down();
        if (disk_is_well() && !was_killed) throw broken_promise("starts again: " + name_ + ": " + e.what());
        return begin_after(1s);
    }
    last_start_ = world_.time.now();
}

void troubled_process::begin_after(milliseconds pause) {
    world_.after(pause, [this] {
        if (world_.is_gone(name_)) return begin();
        if (!is_up()) begin_after(1s);
    });
}

void troubled_process::stop() {
    if (!is_up()) return;
    world_.stop(name_);
    begin_after(soon());
}

void troubled_process::kill() {
    if (world_.is_gone(name_)) return;
    world_.kill(name_);
    begin_after(soon());
}

void troubled_process::kill_in_the_middle() {
    if (world_.is_gone(name_)) return;
    world_.kill_after(name_, 1 + static_cast<int>(world_.draws.below(400)));
    begin_after(1s + soon());
}

void troubled_process::kill_while_writing() {
    if (world_.is_gone(name_)) return;
    disk().calls_until_death = world_.draws.below(60);
    begin_after(1s + soon());
}

void troubled_process::cut_power() {
    world_.cut_power(name_);
    begin_after(soon());
}

void troubled_process::fill_disk() {
    disk().full = true;
    sound_since_ = steady_point::max();
    world_.after(soon(), [this] { mend([](page_disk& d) { d.full = false; }); });
}

void troubled_process::sicken_disk() {
    sound_since_ = steady_point::max();
    faults odds;
    odds.sync_fails = 1 + world_.draws.below(4);
    odds.write_fails = world_.draws.one_in(2) ? world_.draws.below(20) : 0;
    odds.read_fails = world_.draws.one_in(3) ? world_.draws.between(1, 20) : 0;
    odds.goes_short = world_.draws.one_in(2) ? world_.draws.between(2, 10) : 0;
    // All of it, or one file or folder.
    const auto places = disk().everything();
    const bool is_one_place = !places.empty() && world_.draws.one_in(3);
    (is_one_place ? disk().odds_of[pick(world_.draws, places).string()] : disk().odds) = odds;
    if (odds.read_fails > 0) could_read_all_ = could_always_read_ = false;
    world_.after(soon(), [this] {
        mend([](page_disk& d) {
            d.odds = {};
            d.odds_of.clear();
        });
    });
}

void troubled_process::slow_disk() {
    world_.slowest_step = soon();
    world_.after(soon(), [this] { world_.slowest_step = default_step; });
}

void troubled_process::turn_walls() {
    constexpr std::chrono::minutes spans[] = {-26h, -1h, -1min, 0min, 1min, 1h, 26h};
    world_.set_walls(pick(world_.draws, spans));
    walls_were_right_ = false;
}

}  // namespace distd::sim

// A world of processes of the system on simulated time, whose every turn follows from one seed: they are
// started, stopped and killed in any order; their peers live outside of them, on a loop of their own.
// Whatever is ready has run before time moves on, one process after the other.
//
// A history is what was noted of it. Two runs of one seed note the same, which `hash` tells.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "sim/chance.hpp"
#include "sim/page_disk.hpp"
#include "sim/timeline.hpp"
#include "store/worker_thread.hpp"

namespace distd::sim {

// A promise of docs/guarantees.md that did not hold.
class broken_promise : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class world {
public:
    explicit world(std::uint64_t seed);
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    chance draws;
    timeline time;
    boost::asio::io_context outside{1};  // where the peers live

    // A process with these roles (as in --role), and flags as on its command line. Its data stays when it
    // ends. Throws what says why it cannot start.
    void start(const std::string& name, const std::string& roles, std::vector<std::string> flags);
    // What SIGTERM does. It goes on while time passes.
    void stop(const std::string& name);
    // What kill -9 does: nothing of it reaches anybody from here on, its data is what was written by now.
    void kill(const std::string& name);
    // The same, and of its data what is durable, and as much of the rest as is drawn.
    void cut_power(const std::string& name);
    // The same in the middle of things: after so many more turns of its loop.
    void kill_after(const std::string& name, int turns);
    void spare(const std::string& name);                      // not, after all
    [[nodiscard]] bool is_up(const std::string& name) const;  // started, and neither ended nor killed
    [[nodiscard]] bool is_gone(const std::string& name) const;
    [[nodiscard]] std::string address(const std::string& name, const std::string& role) const;

    // Where its data is.
    [[nodiscard]] page_disk& disk_of(const std::string& name);

    // What the walls of all processes show from now on, beside the truth.
    void set_walls(wall_point::duration wrong_by);

    // How long pieces of stores' work wait for their turn: a disk that is slow makes all wait.
    milliseconds slowest_step{2};

    // What real life takes hardly ever is not taken from now on.
    void end_rare_branches() { takes_rare_branches_ = false; }
    [[nodiscard]] bool takes_rare_branches() const noexcept { return takes_rare_branches_; }
    [[nodiscard]] bool has_taken(std::string_view branch) const { return taken_.contains(branch); }

    void run_for(milliseconds);
    // False when it did not come true in that time.
    [[nodiscard]] bool run_until(const std::function<bool()>& holds, milliseconds patience);
    void after(milliseconds delay, std::function<void()> what) { time.after(delay, std::move(what)); }

    void note(const std::string& what);
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    [[nodiscard]] std::string last_notes() const;

private:
    struct process;
    class acting;
    // What the processes draw by themselves.
    struct inner_chance final : random_source {
        explicit inner_chance(std::uint64_t seed) : source(seed) {}
        std::uint64_t next() override { return source.draw(); }
        chance source;
    };

    // Branches that real life takes hardly ever. Each is taken now and then in half of all histories.
    [[nodiscard]] bool takes(std::string_view branch);
    // A piece of a store's work takes this long to have its turn.
    struct drawn_steps final : worker_steps {
        explicit drawn_steps(world& w) : of(w) {}
        void ask_for(std::function<void()> step) override;
        world& of;
    };

    void hear_line(const std::string& process_name, std::string_view line);
    void settle();
    [[nodiscard]] bool turn(process&);
    void advance_to(steady_point);
    [[nodiscard]] steady_point next_due() const;
    void do_what_is_due();
    void step(process&);
    void reap();
    void wind_up(process&);
    void end(process&);

    inner_chance inner_;
    bool takes_rare_branches_ = true;
    std::map<std::string, std::uint64_t, std::less<>> rare_;  // one in so many, by name; 0: never
    std::set<std::string, std::less<>> taken_;                // of them
    drawn_steps steps_{*this};
    process* turning_ = nullptr;  // whose code runs
    std::map<std::string, std::unique_ptr<page_disk>> disks_;
    std::map<std::string, std::unique_ptr<process>> processes_;
    wall_point::duration walls_{0};
    int next_owner_ = 1;
    std::uint64_t hash_ = 14695981039346656037U;
    bool shows_all_;
    std::deque<std::string> notes_;
    std::string failed_task_;
};

}  // namespace distd::sim

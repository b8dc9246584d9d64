// One history of a store: what was done to it, on a disk that fails and forgets, drawn from a seed. The same
// binary and the same seed give the same history. What breaks a promise ends it, with all that happened
// before.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>

#include "base/random.hpp"
#include "sim/page_disk.hpp"
#include "sim/stepper.hpp"
#include "support/fake_time.hpp"

namespace distd::sim::stores {

class broken_promise : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Whether the disk changes bytes by itself, too, in a third of the histories. What a store may lose then is
// less simple than what a failing disk may cost it, and not all of it is told right by what compares them
// with what was answered: so these histories are the same in each run, and no fresh ones are drawn.
enum class stored_bytes : std::uint8_t { stay, change };

class history {
public:
    history(std::uint64_t seed, stored_bytes);
    ~history();
    history(const history&) = delete;
    history& operator=(const history&) = delete;

    // What happened, a line each.
    void note(const std::string& line);
    // Throws broken_promise, with the history.
    void promise(bool is_kept, const std::string& what);
    // Lets the loop and all workers do what there is to do.
    void settle();

    // From now on the disk fails now and then, in ways that are drawn; or no more.
    void fall_sick();
    void get_well();
    // The process dies within one of the next calls of the disk.
    void die_soon() { disk.calls_until_death = draws.below(draws.one_in(3) ? 200 : 25); }
    // In some histories the disk changes bytes by itself.
    void may_rot();
    // It is dead, and nothing of it is left in memory: with the power or without, and the next one begins.
    void begin_next_life();

    // Reads failed by now: what a store could not read it may take for damaged until it is opened again.
    [[nodiscard]] bool had_read_faults() const noexcept { return had_read_faults_; }
    // Whether the disk has changed bytes of it by now.
    [[nodiscard]] bool has_ever_rotted(const std::filesystem::path& file) const {
        return rotted_.contains(file);
    }
    [[nodiscard]] bool has_rotted_part() const;
    [[nodiscard]] bool names_what_rotted(const std::string& text) const;
    // Nothing else may make this process fail.
    [[nodiscard]] bool has_only_rotted();
    // Called for what the disk has changed.
    std::function<void(const rotten_place&)> on_rot;
    [[nodiscard]] bool is_alive() const noexcept { return !disk.is_down(); }
    // Whether the disk may fail now, or has failed so that this process is refused.
    [[nodiscard]] bool may_fail();
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    chance draws;
    page_disk disk;
    stepper threads;
    boost::asio::io_context loop{1};
    test::fake_time time{loop};

private:
    class seeded_numbers final : public random_source {
    public:
        explicit seeded_numbers(std::uint64_t seed) : chance_(seed) {}
        std::uint64_t next() override { return chance_.draw(); }

    private:
        chance chance_;
    };

    [[nodiscard]] faults draw_faults();
    [[nodiscard]] bool has_other_faults() const;

    seeded_numbers numbers_;
    const bool rots_;
    std::set<std::filesystem::path> rotted_;
    bool had_read_faults_ = false;
    std::string text_;
};

// Runs many, each from a seed of its own, and fails the test case with the first that breaks a promise.
//     DISTD_SIM_SEED=N      that one only, told from its beginning
//     DISTD_SIM_MINUTES=N   for so long, from fresh seeds
// Else `usual` of them, always the same.
void run_histories(const std::string& of_what, std::uint64_t usual, const std::function<void(history&)>&,
                   stored_bytes = stored_bytes::stay);

}  // namespace distd::sim::stores

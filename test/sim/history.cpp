#include "sim/history.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>

#include "sim/replay.hpp"

namespace distd::sim::stores {
namespace {

// Of each store, in every run of all tests: what one in a hundred shows is not to be missed.
constexpr std::uint64_t min_histories = 300;

std::optional<std::uint64_t> number_in(const char* variable) {
    const char* text = std::getenv(variable);
    if (!text || !*text) return std::nullopt;
    return std::strtoull(text, nullptr, 10);
}

void run_one(const std::string& of_what, std::uint64_t seed, const std::function<void(history&)>& body) {
    history h(seed);
    try {
        body(h);
    } catch (const std::exception& e) {
        const auto again = print_replay_line(seed, of_what);
        FAIL(e.what() << "\nThe history:\n" << h.text() << "Again: " << again);
    }
}

}  // namespace

history::history(std::uint64_t seed)
    : draws(seed), disk(draws.draw()), threads(draws.draw()), numbers_(draws.draw()) {
    set_random_source(&numbers_);
}

history::~history() { set_random_source(nullptr); }

void history::note(const std::string& line) { text_ += "  " + line + "\n"; }

void history::promise(bool is_kept, const std::string& what) {
    if (!is_kept) throw broken_promise(what);
}

void history::settle() {
    for (bool is_more = true; is_more;) {
        loop.restart();
        is_more = loop.poll() > 0;
        is_more = threads.step() || is_more;
    }
}

void history::fall_sick() {
    disk.full = draws.one_in(4);
    auto& odds = disk.odds;
    odds = {};
    if (draws.one_in(2)) odds.sync_fails = draws.between(1, 6);
    if (draws.one_in(4)) odds.write_fails = draws.between(2, 20);
    if (draws.one_in(4)) odds.is_full = draws.between(2, 20);
    if (draws.one_in(6)) odds.name_fails = draws.between(2, 10);
    if (draws.one_in(5)) odds.read_fails = draws.between(2, 40);
    had_read_faults_ = had_read_faults_ || odds.read_fails > 0 || odds.name_fails > 0;  // also to open
    if (draws.one_in(4)) odds.goes_short = draws.between(2, 10);
    note("the disk is sick: of syncs one in " + std::to_string(odds.sync_fails) + " fails, of writes " +
         std::to_string(odds.write_fails) + ", of reads " + std::to_string(odds.read_fails) +
         ", of growing " + std::to_string(odds.is_full) + ", of names " + std::to_string(odds.name_fails) +
         (disk.full ? "; it is full" : ""));
}

bool history::may_fail() const {
    return !is_alive() || disk.full || disk.odds.any() || disk.has_lost_names();
}

void history::get_well() {
    disk.full = false;
    disk.odds = {};
    note("the disk is well");
}

void history::begin_next_life() {
    const bool with_power = draws.one_in(2);
    note(with_power ? "power cut" : "kill -9");
    with_power ? disk.crash() : disk.kill();
    settle();  // what was on its way to the loop ends there
    disk.start();
}

void run_histories(const std::string& of_what, std::uint64_t usual,
                   const std::function<void(history&)>& body) {
    if (const auto seed = number_in("DISTD_SIM_SEED")) return run_one(of_what, *seed, body);
    const char* const minutes = std::getenv("DISTD_SIM_MINUTES");
    const std::chrono::duration<double> span(minutes ? 60 * std::atof(minutes) : 0);
    std::uint64_t seed = 0;
    if (minutes) seed = (std::random_device()() % 1'000'000) * 1'000'000;
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t count = 0;
    while (minutes ? std::chrono::steady_clock::now() - start < span : count < usual) {
        run_one(of_what, ++seed, body);
        ++count;
    }
    print_count(count, of_what, seed);
    if (!minutes) CHECK(count >= min_histories);
}

}  // namespace distd::sim::stores

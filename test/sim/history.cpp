#include "sim/history.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>

#include "sim/drawn.hpp"
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

void run_one(const std::string& of_what, std::uint64_t seed, const std::function<void(history&)>& body,
             stored_bytes bytes) {
    history h(seed, bytes);
    try {
        body(h);
    } catch (const std::exception& e) {
        const auto again = print_replay_line(seed, of_what);
        FAIL(e.what() << "\nThe history:\n" << h.text() << "Again: " << again);
    }
}

}  // namespace

history::history(std::uint64_t seed, stored_bytes bytes)
    : draws(seed),
      disk(draws.draw()),
      threads(draws.draw()),
      numbers_(draws.draw()),
      rots_(draws.one_in(3) && bytes == stored_bytes::change) {
    set_random_source(&numbers_);
    disk.on_rot = [this](const rotten_place& p) {
        rotted_.insert(p.file);
        note("the disk changes " + p.file.string() + " at byte " + std::to_string(p.at));
        if (on_rot) on_rot(p);
    };
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

faults history::draw_faults() {
    faults odds;
    if (draws.one_in(2)) odds.sync_fails = draws.between(1, 6);
    if (draws.one_in(4)) odds.write_fails = draws.between(2, 20);
    if (draws.one_in(4)) odds.is_full = draws.between(2, 20);
    if (draws.one_in(6)) odds.name_fails = draws.between(2, 10);
    if (draws.one_in(5)) odds.read_fails = draws.between(2, 40);
    had_read_faults_ = had_read_faults_ || odds.read_fails > 0 || odds.name_fails > 0;  // also to open
    if (draws.one_in(4)) odds.goes_short = draws.between(2, 10);
    if (rots_ && draws.one_in(3)) odds.rots = draws.between(5, 200);
    return odds;
}

// All of it, or one file or folder.
void history::fall_sick() {
    disk.full = draws.one_in(4);
    disk.odds = {};
    disk.odds_of.clear();
    const auto odds = draw_faults();
    const auto places = disk.everything();
    std::string where = "the disk";
    if (!places.empty() && draws.one_in(3)) {
        where = pick(draws, places).string();
        disk.odds_of[where] = odds;
    } else {
        disk.odds = odds;
    }
    note(where + " is sick: of syncs one in " + std::to_string(odds.sync_fails) + " fails, of writes " +
         std::to_string(odds.write_fails) + ", of reads " + std::to_string(odds.read_fails) +
         ", of growing " + std::to_string(odds.is_full) + ", of names " + std::to_string(odds.name_fails) +
         (odds.rots > 0 ? "; of reads one in " + std::to_string(odds.rots) + " finds other bytes" : "") +
         (disk.full ? "; the disk is full" : ""));
}

bool history::has_other_faults() const {
    return !is_alive() || disk.full || disk.is_sick() || disk.has_lost_names();
}

bool history::may_fail() { return has_other_faults() || disk.is_rotten(); }
bool history::has_only_rotted() { return !has_other_faults() && disk.is_rotten(); }

bool history::has_rotted_part() const {
    return std::ranges::any_of(rotted_, [](const auto& f) { return f.extension() == ".part"; });
}

bool history::names_what_rotted(const std::string& text) const {
    return std::ranges::any_of(rotted_, [&](const std::filesystem::path& f) {
        auto of_whom = f;
        if (f.extension() == ".db-wal") of_whom.replace_extension(".db");  // it stands for its log
        return text.find(of_whom.string()) != text.npos;
    });
}

void history::get_well() {
    disk.full = false;
    disk.odds = {};
    disk.odds_of.clear();
    disk.restore();
    note("the disk is well");
}

void history::may_rot() {
    if (rots_ && draws.one_in(5)) disk.rot();
}

void history::begin_next_life() {
    const bool with_power = draws.one_in(2);
    note(with_power ? "power cut" : "kill -9");
    with_power ? disk.crash() : disk.kill();
    settle();  // what was on its way to the loop ends there
    may_rot();
    disk.start();
}

void run_histories(const std::string& of_what, std::uint64_t usual, const std::function<void(history&)>& body,
                   stored_bytes bytes) {
    if (const auto seed = number_in("DISTD_SIM_SEED")) return run_one(of_what, *seed, body, bytes);
    const char* const minutes = std::getenv("DISTD_SIM_MINUTES");
    const std::chrono::duration<double> span(minutes ? 60 * std::atof(minutes) : 0);
    std::uint64_t seed = 0;
    if (minutes) seed = (std::random_device()() % 1'000'000) * 1'000'000;
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t count = 0;
    while (minutes ? std::chrono::steady_clock::now() - start < span : count < usual) {
        run_one(of_what, ++seed, body, bytes);
        ++count;
    }
    print_count(count, of_what, seed);
    if (!minutes) CHECK(count >= min_histories);
}

}  // namespace distd::sim::stores

// Coordination of several processes on one store, in the file STORE-turn: a fair write lock, and a counter
// that grows with every commit, so that a check for changes is a read of shared memory. It has no data: the
// file may be removed while no process runs.
//
// SQLite's own lock admits one writer at a time but is unfair: the last writer usually gets it again. Here a
// waiting process is the next one.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/posix_file.hpp"

namespace distd::grading {

class store_turn {
public:
    explicit store_turn(const std::filesystem::path& store, disk& = real_disk());
    store_turn(const store_turn&) = delete;
    store_turn& operator=(const store_turn&) = delete;

    // Blocks while another process holds the turn, which SQLite's busy timeout bounds; a process that ends
    // releases it.
    void take();
    void leave() noexcept;

    void announce_commit() noexcept;  // call after the commit and before it is answered
    [[nodiscard]] std::uint64_t commits() const noexcept;

private:
    posix_file file_;
    std::uint64_t* count_ = nullptr;  // mapped, shared by all processes
};

// From its construction until its end or `leave`.
class held_turn {
public:
    explicit held_turn(store_turn* turn) : turn_(turn) {
        if (turn_) turn_->take();
    }
    ~held_turn() { leave(); }
    held_turn(const held_turn&) = delete;
    held_turn& operator=(const held_turn&) = delete;
    void leave() noexcept {
        if (turn_) turn_->leave();
        turn_ = nullptr;
    }

private:
    store_turn* turn_;
};

}  // namespace distd::grading

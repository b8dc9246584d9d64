// What several processes on one store share beside it, in the file STORE-turn: whose turn it is to write, and
// a count that grows with every commit, so that looking whether there is news costs a read of memory. Neither
// holds data: the file may be removed while nobody runs.
//
// SQLite alone lets one writer at a time in, but whoever has just written is the first to ask again. Here a
// process that waits keeps all others from asking, so that each gets its turn.
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

    // Blocks while another process waits for its turn to write, which SQLite lets none do for long; a process
    // that ends leaves its turn.
    void take();
    void leave() noexcept;

    void announce_commit() noexcept;  // after the commit and before anybody is told of it
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

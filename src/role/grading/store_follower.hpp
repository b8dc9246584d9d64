// Keeps the book in memory at what the store has committed, entry by entry in the order of the history: by
// what this process has just done itself, and by reading the history for what others did, or for what is too
// much to be followed at once.
#pragma once

#include <distd/service.hpp>
#include <vector>

#include "base/announcer.hpp"
#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/gradebook.hpp"

namespace distd::grading {

class store_follower {
public:
    store_follower(service& s, grade_book_state& book, gradebook& store)
        : service_(s), book_(book), store_(store) {}

    // Before the first call of another member; `commits`: asked before the contents were read.
    void begin_at(std::int64_t revision, std::uint64_t commits);

    [[nodiscard]] std::int64_t revision() const noexcept { return revision_; }
    // Until the book holds all that the store holds now, as far as anybody was told.
    [[nodiscard]] task<result<>> catch_up();
    // True when the book knows now what this outcome did; else wait for `follow`.
    [[nodiscard]] bool follow_at_once(const outcome&);
    [[nodiscard]] task<result<>> follow(std::int64_t revision);
    // For a store that others write to, too.
    [[nodiscard]] task<> follow_others();

private:
    template <class Holds>
    [[nodiscard]] task<result<>> read_until(Holds holds_it);
    [[nodiscard]] task<result<>> read_on();
    [[nodiscard]] task<> wait_for_reader();
    [[nodiscard]] bool apply(const std::vector<history_entry>&);

    service& service_;
    grade_book_state& book_;
    gradebook& store_;
    std::int64_t revision_ = 0;  // the latest entry that the book follows
    std::uint64_t seen_commits_ = 0;
    bool reading_ = false;
    announcer has_read_;
};

}  // namespace distd::grading

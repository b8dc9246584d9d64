// Keeps the book in memory up to date with the store, entry by entry in the order of the history: directly
// for changes of this process, and by reading the history for changes of other processes and for large
// imports.
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

    // Call first; `commits`: the commit counter from before the contents were read.
    void begin_at(std::int64_t revision, std::uint64_t commits);

    [[nodiscard]] std::int64_t revision() const noexcept { return revision_; }
    // Completes when the book includes everything that the store has announced up to now.
    [[nodiscard]] task<result<>> catch_up();
    // True if the book now includes this outcome; otherwise await `follow`.
    [[nodiscard]] bool apply_now(const outcome&);
    [[nodiscard]] task<result<>> follow(std::int64_t revision);
    // For a shared store: follows other processes in the background.
    [[nodiscard]] task<> follow_others();

private:
    template <class Holds>
    [[nodiscard]] task<result<>> read_until(Holds is_in_history);
    [[nodiscard]] task<result<>> read_history();
    [[nodiscard]] task<> wait_for_reader();
    [[nodiscard]] bool apply(const std::vector<history_entry>&);

    service& service_;
    grade_book_state& book_;
    gradebook& store_;
    std::int64_t revision_ = 0;  // the latest entry included in the book
    std::uint64_t seen_commits_ = 0;
    bool reading_ = false;
    announcer has_read_;
};

}  // namespace distd::grading

// What the history tells, followed onwards and backwards: an entry as the change it was, and a student as of
// an earlier version. Pure.
#pragma once

#include <optional>
#include <vector>

#include "role/grading/core/commands.hpp"
#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/core/history.hpp"

namespace distd::grading {

// The change that leads from `book`, which knows all earlier entries, to what the entry left. Nothing when
// the entry cannot be read.
[[nodiscard]] std::optional<change> change_of(const history_entry&, const grade_book_state& book);

// A student and the weights that it is shown with, as of its version `wanted`. `newest_first`: the entries of
// this student and those of the weights, down from the one that led to `now`. Nothing when they do not reach.
struct shown_student {
    student of;
    type_weights weights;
};
[[nodiscard]] std::optional<shown_student> as_of_version(std::int64_t wanted, shown_student now,
                                                         const std::vector<history_entry>& newest_first);

}  // namespace distd::grading

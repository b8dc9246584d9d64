// Replays the history forwards and backwards: an entry as the change it was, and a student in an earlier
// version. Pure.
#pragma once

#include <optional>
#include <vector>

#include "role/grading/core/commands.hpp"
#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/core/history.hpp"

namespace distd::grading {

// The change that applies the entry to `book`, which includes all earlier entries. nullopt if the entry is
// unreadable.
[[nodiscard]] std::optional<change> change_of(const history_entry&, const grade_book_state& book);

// A student and the weights of its average, in version `wanted`. `newest_first`: the entries of this student
// and of the weights, starting with the one that led to `now`. nullopt if they do not reach back far enough.
struct shown_student {
    student of;
    type_weights weights;
};
[[nodiscard]] std::optional<shown_student> as_of_version(std::int64_t wanted, shown_student now,
                                                         const std::vector<history_entry>& newest_first);

}  // namespace distd::grading

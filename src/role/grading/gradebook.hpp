// The interface of the grading role to its store, independent of how the store works.
#pragma once

#include <distd/result.hpp>
#include <distd/task.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/completion.hpp"
#include "role/grading/core/commands.hpp"
#include "role/grading/core/history.hpp"

namespace distd::grading {

class gradebook {
public:
    struct contents {
        std::vector<student> students;  // by id, with their grades by id
        type_weights weights;
        std::int64_t revision = 0;  // as in `outcome`
    };

    // A consistent copy of the store, read in pieces. Deleted with this object.
    class copy {
    public:
        virtual ~copy() = default;
        [[nodiscard]] virtual task<result<std::string>> read_some() = 0;  // empty: the end
    };

    virtual ~gradebook() = default;

    // Reads everything. Blocks: for use at the start only.
    [[nodiscard]] virtual contents load() = 0;

    // Completes once the change, its entry in the history and the answer are durable; callbacks are called in
    // the order of the commits, and only while this store lives. What was refused has changed nothing.
    template <class Token = use_task_t>
    auto perform(command c, origin from, Token token = {}) {
        auto start = [this, c = std::move(c),
                      from = std::move(from)](completion<result<outcome>> on_done) mutable {
            begin_change(std::move(c), std::move(from), std::move(on_done));
        };
        return initiate<result<outcome>>(std::move(token), std::move(start));
    }

    [[nodiscard]] virtual task<result<std::vector<history_entry>>> history(history_query) = 0;

    // Entries of one student, and those that concern all students (the weights), newest first, up to the
    // entry `until`.
    [[nodiscard]] virtual task<result<std::vector<history_entry>>> latest(std::int64_t student_id,
                                                                          std::int64_t until,
                                                                          std::int64_t limit) = 0;

    // Whether other processes write to the same store, and a number that changes with each of their commits.
    [[nodiscard]] virtual bool is_shared() const noexcept = 0;
    [[nodiscard]] virtual std::uint64_t commits() const noexcept = 0;

    // Does not block writers. One at a time: fails with `overloaded` while there is another one.
    [[nodiscard]] virtual task<result<std::unique_ptr<copy>>> make_copy() = 0;

private:
    virtual void begin_change(command, origin, completion<result<outcome>> on_done) = 0;
};

}  // namespace distd::grading

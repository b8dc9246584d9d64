// What the grading role asks of a store: its own verbs, nothing of how they are kept.
#pragma once

#include <distd/result.hpp>
#include <distd/task.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "role/grading/core/commands.hpp"
#include "role/grading/core/history.hpp"

namespace distd::grading {

class gradebook {
public:
    struct contents {
        std::vector<student> students;  // by id, each with the grades by theirs
        type_weights weights;
        std::int64_t revision = 0;  // as in `outcome`
    };

    // A copy of everything as of one moment, in pieces. It is gone when the object is.
    class copy {
    public:
        virtual ~copy() = default;
        [[nodiscard]] virtual task<result<std::string>> read_some() = 0;  // empty: the end
    };

    virtual ~gradebook() = default;

    // Everything there is. Blocks: for the start.
    [[nodiscard]] virtual contents load() = 0;

    // Returns once the change, its entry in the history and the answer are durable; those who wait go on in
    // the order of the commits. What was refused has changed nothing.
    [[nodiscard]] virtual task<result<outcome>> perform(command, origin) = 0;
    // The same without a coroutine: `told` is called once, on the loop, while this store lives.
    virtual void perform(command, origin, std::function<void(result<outcome>)> told) = 0;

    [[nodiscard]] virtual task<result<std::vector<history_entry>>> history(history_query) = 0;

    // Of one student, or of all of them alike (the weights), newest first, up to the entry `until`.
    [[nodiscard]] virtual task<result<std::vector<history_entry>>> latest(std::int64_t student_id,
                                                                          std::int64_t until,
                                                                          std::int64_t limit) = 0;

    // Whether others write to the same store, and a number that is another one after each of their commits.
    [[nodiscard]] virtual bool is_shared() const noexcept = 0;
    [[nodiscard]] virtual std::uint64_t commits() const noexcept = 0;

    // Made beside the writers, who go on meanwhile. One at a time: overloaded while there is another one.
    [[nodiscard]] virtual task<result<std::unique_ptr<copy>>> make_copy() = 0;
};

}  // namespace distd::grading

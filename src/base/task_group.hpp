// The parent of coroutines. Every coroutine that is not awaited on the spot is a child of a group; its owner
// cancels and joins the group before it dies, and the destructor asserts that nobody is left. Declare a group
// as the last member: its children use the members above it.
#pragma once

#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace distd {

class task_group {
public:
    using failure_handler = std::function<void(const std::string& name, const std::string& what)>;

    task_group(executor, time_source&);
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // The factory, which is kept as long as the child runs, returns the coroutine. An exception that leaves
    // the child is a bug and goes to the failure handler; operation_aborted is its normal end.
    void spawn(std::string name, std::function<task<>()> factory);

    void on_failure(failure_handler handler) { on_failure_ = std::move(handler); }

    // Ends every child at its current wait.
    void cancel();

    // True when no child is left, false when `deadline` came first. One caller at a time.
    [[nodiscard]] task<bool> join_until(steady_point deadline);

    [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct child;

    void finished(std::list<child>::iterator, std::exception_ptr);

    executor executor_;
    failure_handler on_failure_;
    std::list<child> children_;
    alarm_clock emptied_;
};

}  // namespace distd

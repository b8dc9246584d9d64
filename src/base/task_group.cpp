#include "base/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "base/assert.hpp"
#include "base/handler_scope.hpp"
#include "base/line_writer.hpp"

namespace distd {

struct task_group::child {
    std::string name;
    std::function<task<>()> factory;
    boost::asio::cancellation_signal signal;
};

namespace {

// What went wrong, or nothing when the child was merely cancelled.
std::string reason_of(std::exception_ptr e) {
    try {
        std::rethrow_exception(e);
    } catch (const boost::asio::multiple_exceptions& several) {
        return reason_of(several.first_exception());  // of operations that ran side by side
    } catch (const boost::system::system_error& error) {
        return error.code() == boost::asio::error::operation_aborted ? std::string() : error.what();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

task_group::task_group(executor ex, time_source& time) : executor_(ex), emptied_(ex, time) {}

task_group::~task_group() {
    for (const auto& c : children_) write_last_words("distd: task still running: " + c.name + "\n");
    DISTD_ASSERT(children_.empty());
}

void task_group::spawn(std::string name, std::function<task<>()> factory) {
    auto& c = children_.emplace_back();
    c.name = std::move(name);
    c.factory = std::move(factory);
    auto self = std::prev(children_.end());
    boost::asio::co_spawn(
        executor_, c.factory(),
        boost::asio::bind_cancellation_slot(c.signal.slot(), [this, self](std::exception_ptr e) {
            const handler_scope scope("the end of a task");
            finished(self, e);
        }));
}

void task_group::cancel() {
    for (auto it = children_.begin(); it != children_.end();) {
        auto current = it++;  // a child may end, and leave the list, inside `emit`
        current->signal.emit(boost::asio::cancellation_type::terminal);
    }
}

void task_group::finished(std::list<child>::iterator self, std::exception_ptr e) {
    auto name = std::move(self->name);
    children_.erase(self);
    const auto reason = e ? reason_of(e) : std::string();
    if (!reason.empty() && on_failure_) on_failure_(name, reason);
    if (children_.empty()) emptied_.wake();
}

task<bool> task_group::join_until(steady_point deadline) {
    while (!children_.empty()) {
        if (co_await emptied_.wait_until(deadline)) co_return children_.empty();
    }
    co_return true;
}

std::vector<std::string> task_group::names() const {
    std::vector<std::string> result;
    for (const auto& c : children_) result.push_back(c.name);
    return result;
}

}  // namespace distd

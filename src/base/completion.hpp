// How an asynchronous operation of ours reports its outcome, in one form for all who begin one. The operation
// takes a completion token, as Asio's own do: with `use_task` (the default) it is awaited; a callback
// `void(Outcome)` is called instead, and then there is no coroutine.
//
//     template <class Token = use_task_t>
//     auto put(item i, Token token = {}) {
//         auto start = [this, i](completion<result<>> on_done) { begin_put(i, std::move(on_done)); };
//         return initiate<result<>>(std::move(token), std::move(start));
//     }
#pragma once

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/handler_scope.hpp"

namespace distd {

using use_task_t = std::remove_const_t<decltype(use_task)>;

// What waits for one operation, type-erased. Called once at most, on the loop; dropped uncalled, it leaves a
// coroutine waiting until that is cancelled. `Outcome` is a result.
template <class Outcome>
class completion {
    struct waiter {
        waiter() = default;
        virtual ~waiter() = default;
        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;
        virtual void complete(Outcome) = 0;
        std::atomic<bool> is_cancelled = false;
    };

public:
    completion() noexcept = default;  // nobody waits

    // A callback runs at once when the operation completes, also within the call that began it.
    template <class Callback>
    [[nodiscard]] static completion of_callback(Callback callback) {
        completion c;
        c.waiter_ = std::make_shared<callback_waiter<Callback>>(std::move(callback));
        return c;
    }

    // An Asio handler is posted, since it must not run within the function that began its operation. It keeps
    // the loop running until then. Once cancelled it completes with operation_aborted; the operation goes on.
    template <class Handler>
    [[nodiscard]] static completion of_handler(Handler handler) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto w = std::make_shared<handler_waiter<Handler>>(std::move(handler));
        if (slot.is_connected())
            slot.assign([weak = std::weak_ptr(w)](boost::asio::cancellation_type) {
                if (const auto still_waiting = weak.lock()) still_waiting->cancel();
            });
        completion c;
        c.waiter_ = std::move(w);
        return c;
    }

    [[nodiscard]] explicit operator bool() const noexcept { return waiter_ != nullptr; }
    // False once the waiting coroutine was cancelled. Any thread, while nobody calls the completion.
    [[nodiscard]] bool is_wanted() const noexcept { return waiter_ && !waiter_->is_cancelled; }
    void operator()(Outcome outcome) { std::exchange(waiter_, nullptr)->complete(std::move(outcome)); }

private:
    template <class Callback>
    struct callback_waiter final : waiter {
        explicit callback_waiter(Callback c) : callback(std::move(c)) {}
        void complete(Outcome outcome) override { callback(std::move(outcome)); }
        Callback callback;
    };

    template <class Handler>
    struct handler_waiter final : waiter {
        static_assert(std::is_same_v<boost::asio::associated_executor_t<Handler>, executor>,
                      "the handler has to belong to a loop: await the operation, or pass a callback");

        explicit handler_waiter(Handler h)
            : loop(boost::asio::get_associated_executor(h)), pending(std::in_place, std::move(h), loop) {}
        void complete(Outcome outcome) override { finish({}, std::move(outcome)); }
        void cancel() {
            this->is_cancelled = true;
            const boost::system::error_code aborted = boost::asio::error::operation_aborted;
            finish(aborted, Outcome(aborted));
        }
        void finish(boost::system::error_code ec, Outcome outcome) {
            if (!pending) return;  // it was cancelled before
            auto call = [h = std::move(pending->handler), ec, o = std::move(outcome)]() mutable {
                const handler_scope scope("what waited for a completion");
                std::move(h)(ec, std::move(o));
            };
            boost::asio::post(loop, std::move(call));
            pending.reset();
        }

        struct unfinished {
            unfinished(Handler h, const executor& ex) : handler(std::move(h)), work(ex) {}
            Handler handler;
            boost::asio::executor_work_guard<executor> work;
        };
        const executor loop;
        std::optional<unfinished> pending;
    };

    std::shared_ptr<waiter> waiter_;
};

// Begins an operation: `start` is called with its completion, when the task is first awaited or, for a
// callback, at once. An operation that begins another one may pass its own completion on.
template <class Outcome, class Token, class Start>
auto initiate(Token token, Start start) {
    if constexpr (std::is_same_v<Token, completion<Outcome>>) {
        start(std::move(token));
    } else if constexpr (std::is_invocable_v<Token&, Outcome>) {
        start(completion<Outcome>::of_callback(std::move(token)));
    } else {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, Outcome)>(
            [start = std::move(start)](auto handler) mutable {
                start(completion<Outcome>::of_handler(std::move(handler)));
            },
            token);
    }
}

}  // namespace distd

// One try of a request at one instance, for those who pass it on: what is sent and what comes back goes
// through in pieces, and nothing is kept of a body. Who uses it decides where to try again; it says what was
// sent until then. Lives in the coroutine that awaits it.
#pragma once

#include <distd/result.hpp>
#include <optional>
#include <string_view>

#include "base/handler_scope.hpp"
#include "http/client/lease.hpp"
#include "http/message/client_answer.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {

class upstream {
public:
    using failure = lease::failure;
    struct timeouts {
        milliseconds connect{2'000};
        milliseconds first_byte{15'000};  // of the answer, once the request is sent
        milliseconds between{30'000};     // two reads, or two writes
    };

    upstream(std::shared_ptr<client_core> core, timeouts limits, bool asks_head);

    // Who may have a connection to himself, and whether this request makes it his own: one with a body does.
    void set_owner(connection_owner* who, bool makes_own) noexcept {
        owner_ = who;
        makes_own_ = makes_own;
    }
    // The connection is that client's from now on.
    void make_own(connection_owner* who) noexcept { lease_.make_own(who); }
    // A kept connection, if one can be had without waiting; else `open` has to be called.
    [[nodiscard]] bool open_at_once(const call_target& to, steady_point due);
    // A connection, before `due`: a kept one that looks alive if there is one and it may be that, else a new
    // one.
    [[nodiscard]] task<failure> open(const call_target& to, steady_point due, bool may_be_kept);
    // Sends of both, head first, what goes without waiting, and takes it off their fronts. How it ended, or
    // nothing: the rest is for `send`.
    [[nodiscard]] std::optional<failure> send_at_once(std::string_view& head, std::string_view& body) {
        return lease_.send_now(head, body);
    }
    // All of both. An answer that comes before everything was taken ends it without a failure: the rest is
    // not wanted.
    [[nodiscard]] task<failure> send(std::string_view head, std::string_view body);
    // Goes on until the answer's head is here.
    [[nodiscard]] task<failure> await_head();
    // The same in two halves: `on_ready` is called when there is something to read, or when the wait is over;
    // then whether all of the answer came with it. If not, `await_head` has to go on before the loop has a
    // turn.
    template <class Callback>
    void notify_of_answer(steady_point now, Callback on_ready) {
        expect_answer(now);
        const auto before = lease_.take_known_empty() ? socket_state::empty : socket_state::unknown;
        core_->wait_readable(lease_.socket(), before, std::move(on_ready));
    }
    [[nodiscard]] bool has_whole_answer();
    [[nodiscard]] answer_reader& answer() noexcept { return reader_; }
    void allow_upgrade() noexcept { reader_.allow_upgrade(); }

    // The next piece of the body among the bytes that are here; empty when there is none, or at the end.
    // Pieces lie in a buffer that all connections share: take all of them before you wait.
    [[nodiscard]] std::string_view piece();
    [[nodiscard]] bool is_complete() const noexcept { return complete_; }
    [[nodiscard]] failure trouble() const noexcept { return trouble_; }
    // Reads on; call it when `piece` has nothing more and it is not complete.
    [[nodiscard]] task<failure> read_more();
    // Instead of the time between two reads, for answers that never end by themselves.
    void set_idle_timeout(milliseconds between) noexcept { timeouts_.between = between; }

    [[nodiscard]] bool is_reused() const noexcept { return lease_.is_reused(); }
    [[nodiscard]] bool has_sent() const noexcept { return lease_.sent() > 0; }
    [[nodiscard]] bool has_begun_to_answer() const noexcept { return reader_.has_begun(); }
    // Whether it answers already, while the request is still on its way.
    [[nodiscard]] bool answers_early() noexcept {
        if (!lease_.is_cut_short() && has_news(lease_.socket())) lease_.cut_short();
        return lease_.is_cut_short();
    }
    // `on_ready` is called, once at most, when it says something or closes while what is returned is kept:
    // from then on whatever comes is the answer, and not early. Not while it is waited for otherwise.
    template <class Callback>
    [[nodiscard]] std::shared_ptr<Callback> notify_of_early_answer(Callback on_ready) {
        auto watch = std::make_shared<Callback>(std::move(on_ready));
        wait_for_early_answer(std::weak_ptr(watch));
        return watch;
    }

    // From now on it does not count towards the bound on calls to its target.
    void uncount() { lease_.uncount(); }

    // It is over: the connection is kept if it may be used again.
    void settle(bool request_was_whole);

    // No deadline while it is not the instance that is waited for.
    void pause_deadline() { lease_.end_at(steady_point::max(), errc::timed_out); }

    // After a 101: the bytes that came behind the head, and the socket they came from.
    [[nodiscard]] std::string take_ahead() { return std::string(std::exchange(here_, {})); }
    [[nodiscard]] stream_socket& socket() noexcept { return lease_.socket(); }

private:
    template <class Callback>
    void wait_for_early_answer(std::weak_ptr<Callback> watch) {
        static_cast<void>(lease_.take_known_empty());
        const auto heard = [this, watch = std::move(watch)](const boost::system::error_code& ec) {
            const handler_scope scope("an instance that answers early");
            const auto on_ready = watch.lock();
            if (ec || !on_ready) return;
            answers_early() ? (*on_ready)() : wait_for_early_answer(watch);
        };
        wait_for_bytes(lease_.socket(), heard);
    }
    [[nodiscard]] task<failure> make_room();
    void expect_answer(steady_point now);
    [[nodiscard]] failure take_head();
    [[nodiscard]] bool has_to_wait() noexcept;
    [[nodiscard]] std::optional<failure> read_at_once();

    std::shared_ptr<client_core> core_;
    timeouts timeouts_;
    answer_reader reader_;
    std::string_view here_;  // read and not yet looked at; in the buffer that all share
    connection_owner* owner_ = nullptr;
    bool makes_own_ = false;
    failure trouble_;
    bool is_expected_ = false;
    bool complete_ = false;
    bool drained_ = false;  // the last read left nothing behind
    lease lease_;
};

}  // namespace distd::http

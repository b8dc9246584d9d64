// The end of a connection: deadlines, clients that leave, the drain, and what is left to do then.
#include <sys/socket.h>

#include "base/handler_scope.hpp"
#include "http/server/connection.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

void connection::sweep(steady_point now) {
    if (watch_ == client_watch::by_sweep) {
        const bool nobody_reads = block_ && block_->incoming.is_complete();
        if ((nobody_reads && has_said_goodbye(socket_)) || has_left(socket_)) {
            ending_.lose_client();
            unwatch_client();
            return end();
        }
    }
    if (ends_at_drain_ && core_.draining && !ending_.is_cancelled()) return end();
    error_code ignored;
    if (idle_.take_look() && has_left(socket_)) return static_cast<void>(socket_.cancel(ignored));
    if (deadline_ > now || interrupted_ != interruption::none) return;
    interrupted_ = interruption::expired;
    core_.expired.add();
    socket_.cancel(ignored);
}

// While a handler waits nobody reads; a client that leaves is noticed all the same, and what is done for it
// ends.
void connection::watch_by_wait() {
    watch_ = client_watch::by_wait;
    if (std::exchange(is_watch_pending_, true)) return;
    wait_for_bytes(socket_, [this](const error_code& ec) {
        const handler_scope scope("a client that may have left");
        on_client_event(ec);
    });
}

void connection::on_client_event(const error_code& ec) {
    is_watch_pending_ = false;
    if (phase_ == phase::over) return finish_connection();
    if (ec && parked_) return watch_by_wait();  // the watch of the request before it
    if (ec) return;
    const bool is_watched = watch_ == client_watch::by_wait;
    if ((is_watched && has_said_goodbye(socket_)) || has_left(socket_)) {
        ending_.lose_client();
        return end();
    }
    if (!is_watched || !may_be_leaving(socket_)) return;
    // What is there stays there, so only the next news may end the wait. Where that cannot be had the sweep
    // looks.
    if (!edge_waits::hears_edges_only) {
        watch_client();
        return;
    }
    is_watch_pending_ = true;
    core_.wait_readable(socket_, socket_state::empty, [this](const error_code& e) {
        const handler_scope scope("a client that may have left");
        on_client_event(e);
    });
}

void connection::unwatch_by_wait() noexcept {
    if (watch_ == client_watch::by_wait) watch_ = client_watch::none;
    if (!is_watch_pending_) return;
    error_code ec;
    socket_.cancel(ec);
}

// Within a drain the sweep ends it: Asio lets the failure of a coroutine that is cancelled before its first
// wait out of the loop.
void connection::end_at_drain() { ends_at_drain_ = true; }

void connection::drain() {
    if (parked_) return pending_answer(slot_).give(response::of(errc::stopped));
    if (ends_at_drain_) return end();
    if (phase_ != phase::plain) return;
    error_code ec;
    if (!has_bytes(socket_)) socket_.cancel(ec);
}

void connection::end() {
    // Only forwarded requests are watched by the sweep. One is answered: it was not acted upon here. Of a
    // write that is under way that is not known.
    const bool is_forwarded =
        phase_ == phase::deferred && block_ && watch_ == client_watch::by_sweep && ending_.may_send();
    ending_.cancel();
    error_code ec;
    if (is_forwarded) {
        block_->x.reason = "stopped";
        keep_alive_ = false;
        static_cast<void>(finish(response::of(errc::stopped)));
        static_cast<void>(write_now());  // there is no time for more
    }
    if (phase_ == phase::deferred) return finish_connection();
    if (phase_ == phase::serving)
        signal_.emit(asio::cancellation_type::terminal);
    else
        socket_.cancel(ec);
}

// Nothing of the connection runs any more but, perhaps, the watch over its peer, which comes back here.
void connection::finish_connection() noexcept {
    send_close_notify();
    phase_ = phase::over;
    drop_pending_answer();
    error_code ec;
    if (is_watch_pending_)
        socket_.close(ec);
    else
        core_.connections.remove(self_);
}

// The last that the peer hears, with TLS: whether all was said.
void connection::send_close_notify() noexcept {
    auto* const tls = socket_.tls();
    if (!tls || !socket_.is_open() || phase_ == phase::over) return;
    if (interrupted_ == interruption::expired) tls->give_up(tls_end::timed_out);
    const bool may_hear = ending_.may_send() || tls->end() == tls_end::closed;
    if (may_hear && ending_.is_orderly()) say_goodbye(socket_);
}

void connection::drop_pending_answer() {
    const auto slot = std::exchange(slot_, nullptr);
    if (!slot) return;
    slot->io = nullptr;
    if (const auto notify = std::exchange(slot->gone, nullptr)) notify();
}

// Past Asio, which takes the option back before it closes a socket that is not used any more.
void connection::close_by_reset() noexcept {
    const struct ::linger at_once { 1, 0 };
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace distd::http

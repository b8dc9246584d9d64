#include "http/client/peer_watch.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

#include "http/client/lease.hpp"
#include "http/message/client_answer.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t body_limit = 0;  // of the answer only its head is read

class peer_watch {
public:
    peer_watch(peer_watch_setup s, std::shared_ptr<client_core> core)
        : setup_(std::move(s)),
          core_(std::move(core)),
          to_(core_->target(setup_.url)),
          reader_(false, body_limit),
          lease_(core_) {}

    task<peer_watch_end> hold(std::function<void()> on_held) {
        if (!to_) co_return peer_watch_end::unreachable;
        const auto due = core_->time.now() + setup_.patience;
        lease_.end_at(due, errc::timed_out);
        const lease::options how{setup_.patience, due, false};
        if (co_await lease_.acquire(*to_, how)) co_return peer_watch_end::unreachable;
        keep_alive(lease_.socket(), std::clamp(setup_.probe_after, seconds(1), seconds(7200)), seconds(1), 3);
        if (!co_await is_answered()) co_return peer_watch_end::unanswered;
        if (!reader_.leaves_connection_usable()) co_return peer_watch_end::not_kept;
        lease_.end_at(steady_point::max(), errc::timed_out);
        on_held();
        // Whatever else comes (the body of the answer, a notice before the end) is of no interest.
        while (!co_await receive()) {}
        co_return peer_watch_end::lost;
    }

private:
    task<bool> is_answered() {
        const auto request = core_->head_of_get(*to_, "Accept: */*\r\n");
        std::string_view head = request;
        std::string_view no_body;
        // So little always fits into the buffers of a new connection.
        if (const auto sent = lease_.send_now(head, no_body); !sent || *sent) co_return false;
        while (!reader_.has_head()) {
            const auto ended = co_await receive();
            while (!here_.empty() && !reader_.has_head()) {
                const auto s = reader_.next(here_);
                if (s.now == answer_reader::state::bad) co_return false;
                here_.remove_prefix(s.consumed);
            }
            if (ended && !reader_.has_head()) co_return false;
        }
        co_return true;
    }

    // The next bytes go to `here_`.
    task<lease::failure> receive() {
        auto [ec] = co_await wait_for_bytes(lease_.socket(), as_result);
        if (const auto ended = lease_.interruption(ec)) co_return ended;
        boost::system::error_code failed;
        here_ = lease_.receive_now(failed);
        const bool is_over = failed && failed != asio::error::would_block;
        co_return is_over ? lease::failure(errc::connection_lost) : lease::failure();
    }

    peer_watch_setup setup_;
    std::shared_ptr<client_core> core_;
    std::shared_ptr<const call_target> to_;
    answer_reader reader_;
    std::string_view here_;  // in the buffer that all calls share
    lease lease_;
};

}  // namespace

task<peer_watch_end> hold_peer_watch(peer_watch_setup setup, std::shared_ptr<client_core> core,
                                     std::function<void()> on_held) {
    peer_watch w(std::move(setup), std::move(core));
    co_return co_await w.hold(std::move(on_held));
}

}  // namespace distd::http

#include "http/proxy/upstream.hpp"

#include <boost/asio/error.hpp>
#include <limits>

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

}  // namespace

upstream::upstream(std::shared_ptr<client_core> core, timeouts limits, bool asks_head)
    : core_(std::move(core)), timeouts_(limits), reader_(asks_head, no_limit), lease_(core_) {}

bool upstream::open_at_once(const call_target& to, steady_point due) {
    if (core_->stopping) return false;
    lease_.end_at(due, errc::timed_out);
    const bool is_open = lease_.take_kept(to, owner_);
    if (is_open && makes_own_) lease_.make_own(owner_);
    return is_open;
}

task<upstream::failure> upstream::open(const call_target& to, steady_point due, bool may_be_kept) {
    if (core_->stopping) co_return errc::stopped;
    lease_.end_at(due, errc::timed_out);
    const lease::options how{timeouts_.connect, due, may_be_kept, owner_};
    const auto failed = co_await lease_.acquire(to, how);
    if (failed == errc::timed_out && lease_.is_queued()) co_return errc::overloaded;
    if (!failed && makes_own_) lease_.make_own(owner_);
    co_return failed;
}

task<upstream::failure> upstream::send(std::string_view head, std::string_view body) {
    static_cast<void>(lease_.take_known_empty());
    for (;;) {
        if (const auto ended = send_at_once(head, body)) co_return *ended;
        if (const auto ended = co_await make_room()) co_return ended;
        if (lease_.is_cut_short()) co_return failure();
    }
}

// Waits until the peer takes more. One that answers instead is not written to any more.
task<upstream::failure> upstream::make_room() {
    if (answers_early()) co_return failure();
    lease_.end_at(core_->time.now() + timeouts_.between, errc::timed_out);
    auto [ec] = co_await wait_for_room(lease_.socket(), as_result);
    co_return lease_.interruption(ec);
}

// Its waits and reads stand in here and not in a coroutine of their own: every request comes through.
task<upstream::failure> upstream::await_head() {
    if (lease_.outcome()) co_return lease_.outcome();
    expect_answer(core_->time.now());
    for (;;) {
        if (const auto bad = take_head()) co_return bad;
        if (reader_.has_head()) {
            pause_deadline();  // as in `read_at_once`: some of the body may have come with it
            co_return failure();
        }
        if (complete_) co_return errc::connection_lost;
        if (lease_.take_known_empty()) {
            auto [ec] = co_await core_->wait_readable(lease_.socket(), socket_state::empty, as_result);
            if (const auto ended = lease_.interruption(ec)) co_return ended;
        } else if (has_to_wait()) {
            auto [ec] = co_await wait_for_bytes(lease_.socket(), as_result);
            if (const auto ended = lease_.interruption(ec)) co_return ended;
        }
        if (const auto read = read_at_once(); read && *read) co_return *read;
    }
}

void upstream::expect_answer(steady_point now) {
    if (!std::exchange(is_expected_, true)) lease_.end_at(now + timeouts_.first_byte, errc::timed_out);
}

// As far as it is here.
upstream::failure upstream::take_head() {
    while (!here_.empty() && !reader_.has_head() && !trouble_) {
        const auto s = reader_.next(here_);
        here_.remove_prefix(s.consumed);
        if (s.now == answer_reader::state::bad) trouble_ = errc::bad_answer;
        complete_ = s.now == answer_reader::state::done;
    }
    return trouble_;
}

bool upstream::has_whole_answer() {
    if (lease_.outcome()) return false;
    if (const auto read = read_at_once(); !read || *read || take_head()) return false;
    if (!reader_.has_head() || reader_.status() == 101) return false;
    return complete_ || (reader_.length() && here_.size() >= *reader_.length());
}

std::string_view upstream::piece() {
    while (!here_.empty() && !trouble_) {
        const auto s = reader_.next(here_);
        if (s.now == answer_reader::state::bad) trouble_ = errc::bad_answer;
        complete_ = s.now == answer_reader::state::done;
        if (complete_ && s.consumed == 0) return {};  // what is left over stays: it spoils the connection
        here_.remove_prefix(s.consumed);
        if (trouble_) break;
        if (!s.piece.empty()) return s.piece;
    }
    return {};
}

task<upstream::failure> upstream::read_more() {
    for (;;) {
        if (has_to_wait()) {
            lease_.end_at(core_->time.now() + timeouts_.between, errc::timed_out);
            auto [ec] = co_await wait_for_bytes(lease_.socket(), as_result);
            if (const auto ended = lease_.interruption(ec)) co_return ended;
        }
        if (const auto read = read_at_once()) co_return *read;
    }
}

bool upstream::has_to_wait() noexcept { return std::exchange(drained_, false) || !reader_.has_begun(); }

// How it ended, or nothing: there was nothing to read.
std::optional<upstream::failure> upstream::read_at_once() {
    boost::system::error_code ec;
    const auto bytes = lease_.receive_now(ec);
    drained_ = lease_.is_drained(bytes);
    if (ec == asio::error::would_block) return std::nullopt;
    if (ec == asio::error::eof && reader_.end_of_stream() == answer_reader::state::done) {
        complete_ = true;
        return failure();
    }
    if (ec) return failure(errc::connection_lost);
    here_ = bytes;
    if (reader_.has_head()) pause_deadline();  // until we ask for more: the client may be slow
    return failure();
}

void upstream::settle(bool request_was_whole) {
    const bool is_clean = complete_ && here_.empty() && reader_.leaves_connection_usable();
    lease_.settle(is_clean && request_was_whole);
}

}  // namespace distd::http

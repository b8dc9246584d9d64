#include "http/proxy/upstream.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <limits>

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

}  // namespace

upstream::upstream(std::shared_ptr<client_core> core, upstream_patience patience, bool asks_head)
    : core_(std::move(core)), patience_(patience), reader_(asks_head, no_limit), link_(core_) {}

bool upstream::open_at_once(const call_target& to, steady_point due) {
    if (core_->stopping) return false;
    link_.end_at(due, errc::timed_out);
    reused_ = link_.enter_at_once(to) && link_.take_kept(asker_);
    if (reused_ && makes_own_) link_.make_own(asker_);
    was_quiet_ = reused_;
    return reused_;
}

task<upstream::failure> upstream::open(const call_target& to, steady_point due, bool may_be_kept) {
    if (core_->stopping) co_return errc::stopped;
    link_.end_at(due, errc::timed_out);
    if (!link_.enter_at_once(to))
        if (const auto refused = co_await link_.wait_for_place())
            co_return refused == errc::timed_out ? failure(errc::overloaded) : refused;
    reused_ = may_be_kept && link_.take_kept(asker_);
    failure failed;
    if (!reused_) failed = co_await link_.connect(to.where, patience_.connect, due);
    if (!failed && makes_own_) link_.make_own(asker_);
    co_return failed;
}

task<upstream::failure> upstream::send(std::string_view head, std::string_view body) {
    was_quiet_ = false;
    for (;;) {
        if (const auto ended = send_at_once(head, body)) co_return *ended;
        if (const auto ended = co_await make_room()) co_return ended;
        if (cut_short_) co_return failure();
    }
}

std::optional<upstream::failure> upstream::send_at_once(std::string_view& head, std::string_view& body) {
    while (!head.empty() || !body.empty()) {
        const std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
        boost::system::error_code ec;
        const auto n = write_now(link_.socket(), rest, ec);
        sent_ += n;
        body.remove_prefix(n - std::min(n, head.size()));
        head.remove_prefix(std::min(n, head.size()));
        if (!ec) continue;
        if (ec == asio::error::would_block) return std::nullopt;
        // A peer may answer and close before it took everything: what it said is still there to be read.
        cut_short_ = true;
        return sent_ == 0 ? failure(errc::connection_lost) : failure();
    }
    return failure();
}

// Waits until the peer takes more. One that answers instead is not written to any more.
task<upstream::failure> upstream::make_room() {
    if (has_spoken()) co_return failure();
    link_.end_at(core_->time.now() + patience_.between, errc::timed_out);
    co_return co_await link_.wait_writable();
}

// Its waits and reads stand in here and not in a coroutine of their own: every request comes through.
task<upstream::failure> upstream::await_head() {
    if (link_.verdict()) co_return link_.verdict();
    expect_answer(core_->time.now());
    for (;;) {
        if (const auto bad = take_head()) co_return bad;
        if (reader_.has_head()) {
            unwatch();  // as in `read_at_once`: some of the body may have come with it
            co_return failure();
        }
        if (complete_) co_return errc::connection_lost;
        if (std::exchange(was_quiet_, false)) {
            auto [ec] = co_await core_->wait_readable(link_.socket(), heard::nothing, as_result);
            if (const auto ended = link_.interruption(ec)) co_return ended;
        } else if (has_to_wait()) {
            auto [ec] = co_await link_.socket().async_wait(client_socket::wait_read, as_result);
            if (const auto ended = link_.interruption(ec)) co_return ended;
        }
        if (const auto read = read_at_once(); read && *read) co_return *read;
    }
}

void upstream::expect_answer(steady_point now) {
    if (!std::exchange(is_expected_, true)) link_.end_at(now + patience_.first_byte, errc::timed_out);
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
    if (link_.verdict()) return false;
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
            link_.end_at(core_->time.now() + patience_.between, errc::timed_out);
            if (const auto ended = co_await link_.wait_readable()) co_return ended;
        }
        if (const auto read = read_at_once()) co_return *read;
    }
}

bool upstream::has_to_wait() noexcept { return std::exchange(drained_, false) || !reader_.has_begun(); }

// How it ended, or nothing: there was nothing to read.
std::optional<upstream::failure> upstream::read_at_once() {
    auto& input = core_->input;
    boost::system::error_code ec;
    const auto n = read_now(link_.socket(), asio::buffer(input), ec);
    drained_ = n < input.size();
    if (ec == asio::error::would_block) return std::nullopt;
    if (ec == asio::error::eof && reader_.end_of_stream() == answer_reader::state::done) {
        complete_ = true;
        return failure();
    }
    if (ec) return failure(errc::connection_lost);
    here_ = std::string_view(input.data(), n);
    if (reader_.has_head()) unwatch();  // until we ask for more: the client may be slow
    return failure();
}

void upstream::settle(bool request_was_whole) {
    const bool is_clean = complete_ && here_.empty() && reader_.leaves_connection_usable();
    if (is_clean && request_was_whole && !cut_short_ && !link_.verdict())
        link_.keep();
    else
        link_.close();
}

}  // namespace distd::http

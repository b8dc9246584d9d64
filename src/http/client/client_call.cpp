#include "http/client/client_call.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>

#include "http/access/access_control.hpp"
#include "http/message/client_request.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr std::string_view end_of_head = "\r\n";

}  // namespace

client_call::client_call(std::shared_ptr<client_core> core, call c)
    : core_(std::move(core)),
      call_(std::move(c)),
      deadline_(core_->time.now() + call_.deadline),
      link_(core_) {}

client_call::~client_call() {
    if (!core_->counters) return;
    if (has_outcome_) {
        core_->counters->ended(outcome_);
    } else {
        core_->counters->cancelled.add();
    }
}

task<result<reply>> client_call::run() {
    outcome_ = co_await perform();
    has_outcome_ = true;
    if (outcome_) co_return *outcome_;
    co_return reader_->take();
}

task<client_call::failure> client_call::perform() {
    if (const auto refused = prepare()) co_return refused;
    link_.end_at(deadline_, errc::timed_out);
    if (!link_.enter_at_once(where_))
        if (const auto refused = co_await link_.wait_for_place()) co_return refused;

    const bool is_reused = link_.take_kept();
    if (!is_reused)
        if (const auto unreached = co_await link_.connect(where_, call_.connect_deadline, deadline_))
            co_return unreached;
    auto failed = co_await exchange();
    if (is_reused && may_go_again(failed)) {
        if (const auto unreached = co_await link_.connect(where_, call_.connect_deadline, deadline_))
            co_return unreached;
        failed = co_await exchange();
    }
    if (!failed && reader_->leaves_connection_usable() && !broken_)
        link_.keep();
    else
        link_.close();
    co_return failed;
}

client_call::failure client_call::prepare() {
    if (core_->stopping) return errc::stopped;
    url_error why;
    auto split = split_peer_url(call_.url, why);
    if (!split) return errc::bad_address;
    where_ = std::move(*split);
    auto head = request_head_of(call_, where_, core_->setup.user_agent);
    if (!head) return errc::invalid;
    head_ = std::move(*head);
    plain_head_ = head_.size() - end_of_head.size();
    if (call_.deadline <= milliseconds::zero()) return errc::timed_out;
    return {};
}

// Anew each time: what has been taken once is not taken again.
void client_call::prove() {
    const auto& credentials = core_->setup.credentials;
    if (!credentials || !credentials->is_required() || call_.headers.contains("Authorization")) return;
    const auto authority = where_.authority();
    head_.resize(plain_head_);
    head_.append("Authorization: ")
        .append(credentials->prove({call_.method, where_.target, authority}, call_.body))
        .append("\r\n")
        .append(end_of_head);
}

task<client_call::failure> client_call::exchange() {
    prove();
    reader_.emplace(call_.method == "HEAD", call_.answer_limit);
    sent_ = 0;
    broken_ = false;
    if (const auto failed = co_await send_request()) co_return failed;
    co_return co_await read_answer();
}

task<client_call::failure> client_call::send_request() {
    while (sent_ < head_.size() + call_.body.size()) {
        boost::system::error_code ec;
        sent_ += write_some(ec);
        if (!ec) continue;
        if (ec != asio::error::would_block) {
            // A peer may answer and close before it took everything: what it said is still there to be read.
            broken_ = true;
            co_return sent_ == 0 ? failure(errc::connection_lost) : failure();
        }
        if (const auto ended = co_await link_.wait_writable()) co_return ended;
    }
    co_return failure();
}

std::size_t client_call::write_some(boost::system::error_code& ec) {
    const std::string_view head = std::string_view(head_).substr(std::min(sent_, head_.size()));
    const std::string_view body = std::string_view(call_.body).substr(sent_ - std::min(sent_, head_.size()));
    const std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
    return write_now(link_.socket(), rest, ec);
}

task<client_call::failure> client_call::read_answer() {
    auto& input = core_->input;
    for (std::size_t n = 0;;) {
        if (n < input.size()) {  // all that had come was read
            if (const auto ended = co_await link_.wait_readable()) co_return ended;
        }
        boost::system::error_code ec;
        n = read_now(link_.socket(), asio::buffer(input), ec);
        if (ec == asio::error::would_block) continue;
        if (ec == asio::error::eof && reader_->end_of_stream() == answer_reader::state::done)
            co_return failure();
        if (ec) co_return errc::connection_lost;
        const auto now = reader_->feed(std::string_view(input.data(), n));
        if (now == answer_reader::state::bad) co_return errc::bad_answer;
        if (now == answer_reader::state::done) co_return failure();
    }
}

// A server closes an idle connection whenever it likes, also just while we write. So a kept connection that
// broke before the first byte of an answer earns one more try, on a fresh one, if nothing of the request was
// taken or if it does no harm when done twice. A POST whose bytes went out may have been acted upon: its
// caller has to decide. (A close that arrived before we wrote is noticed by `take_idle`, and costs no try.)
bool client_call::may_go_again(const failure& f) const noexcept {
    const bool is_harmless = call_.safe_to_repeat || call_.method == "GET" || call_.method == "HEAD";
    return f == errc::connection_lost && !reader_->has_begun() && (sent_ == 0 || is_harmless);
}

}  // namespace distd::http

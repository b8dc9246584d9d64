#include "net/client_call.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/system/system_error.hpp>

#include "net/client_request.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Nothing is wrong with the peer: this process, or the machine, has no descriptors left.
bool is_shortage(const boost::system::error_code& ec) noexcept {
    return ec == asio::error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

client_call::client_call(std::shared_ptr<client_core> core, call c)
    : core_(std::move(core)),
      call_(std::move(c)),
      deadline_(core_->time.now() + call_.deadline),
      watch_(core_->loop, core_->time) {}

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
    core_->watch(watch_, deadline_, errc::timed_out);
    if (const auto refused = co_await enter()) co_return refused;

    auto idle = core_->pool.take_idle(place_);
    const bool is_reused = idle != nullptr;
    if (is_reused) {
        core_->counters->reused.add();
        use(std::move(idle));
    } else if (const auto failed = co_await connect()) {
        co_return failed;
    }
    auto failed = co_await exchange();
    if (is_reused && may_go_again(failed)) {
        if (const auto unreached = co_await connect()) co_return unreached;
        failed = co_await exchange();
    }
    if (!failed) keep_or_close();
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
    if (call_.deadline <= milliseconds::zero()) return errc::timed_out;
    return {};
}

task<client_call::failure> client_call::enter() {
    if (!core_->pool.enter(where_.host, where_.port, place_, [this] { watch_.ring(); }))
        co_return errc::overloaded;
    while (!place_.is_granted() && !watch_.verdict()) co_await watch_.wait();
    co_return watch_.verdict();
}

// A connection that is not made in time counts as unreachable: nothing was sent, others may be tried.
task<client_call::failure> client_call::connect() {
    const auto due = core_->time.now() + call_.connect_deadline;
    if (due < deadline_) core_->watch(watch_, due, errc::unreachable);
    failure failed = co_await find_addresses();
    if (failed) co_return failed;
    failed = errc::unreachable;
    for (const auto& address : addresses_) {
        failed = co_await connect_to(tcp::endpoint(address, where_.port));
        if (!failed || watch_.verdict()) break;
    }
    if (!failed) core_->watch(watch_, deadline_, errc::timed_out);
    co_return failed;
}

task<client_call::failure> client_call::find_addresses() {
    auto known = core_->names.known(where_.host);
    while (!known) {
        resolver::question waiting([this] { watch_.ring(); });
        if (!core_->names.ask(where_.host, waiting)) co_return errc::overloaded;
        co_await watch_.wait();
        if (watch_.verdict()) co_return watch_.verdict();
        known = core_->names.known(where_.host);
    }
    if (!*known) co_return errc::unreachable;
    addresses_ = std::move(**known);
    co_return failure();
}

task<client_call::failure> client_call::connect_to(tcp::endpoint peer) {
    if (const auto failed = open_socket(peer)) co_return failed;
    auto& socket = connection_->socket;
    auto [ec] = co_await socket.async_connect(peer, as_result);
    if (const auto ended = interruption(ec)) co_return watch_.verdict().value_or(errc::unreachable);
    // A port nobody listens on may be given to our own end, which then talks to itself.
    boost::system::error_code unknown;
    if (socket.local_endpoint(unknown) == peer || unknown) co_return errc::unreachable;
    socket.set_option(tcp::no_delay(true), unknown);
    core_->counters->connections.add();
    co_return failure();
}

client_call::failure client_call::open_socket(tcp::endpoint peer) {
    use(std::make_unique<client_connection>(core_->loop));
    boost::system::error_code ec;
    connection_->socket.open(peer.protocol(), ec);
    if (is_shortage(ec)) {
        core_->pool.close_all_idle();
        connection_->socket.open(peer.protocol(), ec);
    }
    if (is_shortage(ec)) return errc::overloaded;
    if (!ec) connection_->socket.non_blocking(true, ec);
    return ec ? failure(errc::unreachable) : failure();
}

task<client_call::failure> client_call::exchange() {
    reader_.emplace(call_.method == "HEAD", call_.answer_limit);
    sent_ = 0;
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
        auto [waited] = co_await connection_->socket.async_wait(client_socket::wait_write, as_result);
        if (const auto ended = interruption(waited)) co_return ended;
    }
    co_return failure();
}

std::size_t client_call::write_some(boost::system::error_code& ec) {
    const std::string_view head = std::string_view(head_).substr(std::min(sent_, head_.size()));
    const std::string_view body = std::string_view(call_.body).substr(sent_ - std::min(sent_, head_.size()));
    const std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
    return connection_->socket.write_some(rest, ec);
}

task<client_call::failure> client_call::read_answer() {
    auto& input = core_->input;
    for (std::size_t n = 0;;) {
        if (n < input.size()) {  // all that had come was read
            auto [waited] = co_await connection_->socket.async_wait(client_socket::wait_read, as_result);
            if (const auto ended = interruption(waited)) co_return ended;
        }
        boost::system::error_code ec;
        n = connection_->socket.read_some(asio::buffer(input), ec);
        if (ec == asio::error::would_block) continue;
        if (ec == asio::error::eof && reader_->end_of_stream() == answer_reader::state::done)
            co_return failure();
        if (ec) co_return errc::connection_lost;
        const auto now = reader_->feed(std::string_view(input.data(), n));
        if (now == answer_reader::state::bad) co_return errc::bad_answer;
        if (now == answer_reader::state::done) co_return failure();
    }
}

// Why a wait ended early, if it did. Aborted without a verdict of ours means that we were cancelled.
client_call::failure client_call::interruption(const boost::system::error_code& ec) const {
    if (watch_.verdict()) return watch_.verdict();
    if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
    return ec ? failure(errc::connection_lost) : failure();
}

// A server closes an idle connection whenever it likes, also just while we write. So a kept connection that
// broke before the first byte of an answer earns one more try, on a fresh one, if nothing of the request was
// taken or if it does no harm when done twice. A POST whose bytes went out may have been acted upon: its
// caller has to decide. (A close that arrived before we wrote is noticed by `take_idle`, and costs no try.)
bool client_call::may_go_again(const failure& f) const noexcept {
    const bool is_harmless = call_.safe_to_repeat || call_.method == "GET" || call_.method == "HEAD";
    return f == errc::connection_lost && !reader_->has_begun() && (sent_ == 0 || is_harmless);
}

void client_call::use(std::unique_ptr<client_connection> c) noexcept {
    watch_.guard(c ? &c->socket : nullptr);
    connection_ = std::move(c);
    broken_ = false;
}

void client_call::keep_or_close() {
    watch_.guard(nullptr);
    if (reader_->leaves_connection_usable() && !broken_) {
        core_->keep(place_, std::move(connection_));
    } else {
        connection_.reset();
    }
}

}  // namespace distd::http

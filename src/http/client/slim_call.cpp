#include "http/client/slim_call.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "base/handler_scope.hpp"
#include "base/rarely.hpp"
#include "http/access/access_control.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t closed_in_a_shortage = 64;
constexpr const char* scope_name = "an outgoing call";

void write_head(std::string& out, const call_target& to, const slim_setup& setup, std::string_view proof,
                const shared_text& body) {
    out.assign(body ? "POST " : "GET ").append(to.where.target).append(" HTTP/1.1\r\nHost: ");
    out.append(to.authority).append("\r\nUser-Agent: ").append(setup.pool.user_agent);
    if (!proof.empty()) out.append("\r\nAuthorization: ").append(proof);
    if (body)
        out.append("\r\nContent-Type: application/json\r\nContent-Length: ")
            .append(std::to_string(body->size()));
    out.append("\r\n\r\n");
}

}  // namespace

slim_call::slim_call(slim_core& core, slim_request r, status_completion t)
    : core_(&core),
      request_(std::move(r)),
      told_(std::move(t)),
      deadline_(core.time.now() + request_.deadline) {}

void slim_call::start() {
    self_ = shared_from_this();
    core_->calls.push_back(*this);
    is_starting_ = true;
    begin();
    is_starting_ = false;
}

void slim_call::begin() {
    watch(deadline_, errc::timed_out);
    if (!request_.to) return fail(errc::bad_address);
    place_.emplace();
    auto granted = [this] {
        asio::post(core_->loop, [self = shared_from_this()] {
            const handler_scope scope(scope_name);
            if (!self->is_over_) self->go();
        });
    };
    if (!core_->pool.enter(request_.to->place, *place_, std::move(granted))) return fail(errc::overloaded);
    if (place_->is_granted()) go();
}

void slim_call::watch(steady_point due, errc why) {
    due_ = due;
    when_due_ = why;
    core_->sweep_by(due);
}

void slim_call::go() {
    connection_ = core_->pool.take_idle(*place_);
    is_reused_ = connection_ != nullptr;
    if (!is_reused_) return connect();
    was_quiet_ = true;
    core_->counters.reused.add();
    if (DISTD_RARELY("kept connection gone")) {
        boost::system::error_code ec;
        connection_->socket.shutdown(tcp::socket::shutdown_both, ec);
    }
    exchange();
}

// A connection that is not made in time counts as unreachable: nothing was sent.
void slim_call::connect() {
    is_reused_ = false;
    const auto due = core_->time.now() + request_.connect_deadline;
    if (due < deadline_) watch(due, errc::unreachable);
    find_addresses();
}

void slim_call::find_addresses() {
    auto known = core_->names.known(request_.to->where.host);
    if (!known) {
        // Not at once: the question that is being answered must outlive its answer.
        question_.emplace([this] {
            asio::post(core_->loop, [self = shared_from_this()] {
                const handler_scope scope(scope_name);
                if (!self->is_over_) self->find_addresses();
            });
        });
        if (!core_->names.ask(request_.to->where.host, *question_)) fail(errc::overloaded);
        return;
    }
    if (!*known) return fail(errc::unreachable);
    addresses_ = std::move(**known);
    next_address_ = 0;
    std::erase_if(addresses_, [this](const auto& a) { return !core_->setup.may_connect(a); });
    connect_to_next(addresses_.empty() ? errc::bad_address : errc::unreachable);
}

// `failed`: what the call ends with when there is no other address.
void slim_call::connect_to_next(errc failed) {
    for (; next_address_ < addresses_.size(); ++next_address_) {
        const endpoint peer(addresses_[next_address_], request_.to->where.port);
        if (const auto refused = open_socket(peer)) {
            failed = *refused;
            continue;
        }
        ++next_address_;
        return connection_->socket.async_connect(
            peer, [self = shared_from_this(), peer](const boost::system::error_code& ec) {
                const handler_scope scope(scope_name);
                if (!self->is_over_) self->connected(!ec, peer);
            });
    }
    fail(failed);
}

slim_call::failure slim_call::open_socket(const endpoint& peer) {
    connection_ = std::make_unique<client_connection>(core_->loop);
    return core_->pool.open(connection_->socket, peer.protocol(), closed_in_a_shortage);
}

void slim_call::connected(bool is_connected, const endpoint& peer) {
    auto& socket = connection_->socket;
    // A port nobody listens on may be given to our own end, which then talks to itself.
    boost::system::error_code ec;
    if (!is_connected || socket.local_endpoint(ec) == peer || ec) return connect_to_next(errc::unreachable);
    socket.set_option(tcp::no_delay(true), ec);
    core_->counters.connections.add();
    watch(deadline_, errc::timed_out);
    exchange();
}

void slim_call::exchange() {
    reader_.emplace(false, request_.answer_limit, answer_reader::keep::status);
    sent_ = 0;
    is_broken_ = false;
    prove();
    send_some();
}

// Anew for each try: what has been taken once is not taken again.
void slim_call::prove() {
    const auto& credentials = core_->setup.pool.credentials;
    if (!credentials || !credentials->is_required()) return;
    const auto& to = *request_.to;
    const auto body = request_.body ? std::string_view(*request_.body) : std::string_view();
    proof_ = credentials->prove({request_.body ? "POST" : "GET", to.where.target, to.authority}, body);
}

void slim_call::send_some() {
    write_head(core_->head, *request_.to, core_->setup, proof_, request_.body);
    const auto size = core_->head.size() + (request_.body ? request_.body->size() : 0);
    while (sent_ < size) {
        boost::system::error_code ec;
        sent_ += write_some(ec);
        if (!ec) continue;
        if (ec == asio::error::would_block) return make_room();
        // A peer may answer and close before it took everything: what it said is still there to be read.
        is_broken_ = true;
        if (sent_ == 0) return lost();
        break;
    }
    await_answer();
}

void slim_call::make_room() {
    was_quiet_ = false;
    connection_->socket.async_wait(client_socket::wait_write,
                                   [self = shared_from_this()](const boost::system::error_code& ec) {
                                       const handler_scope scope(scope_name);
                                       if (self->is_over_) return;
                                       ec ? self->lost() : self->send_some();
                                   });
}

std::size_t slim_call::write_some(boost::system::error_code& ec) {
    const std::string_view body = request_.body ? std::string_view(*request_.body) : std::string_view();
    const auto of_head = std::min(sent_, core_->head.size());
    const auto head = std::string_view(core_->head).substr(of_head);
    const std::array<asio::const_buffer, 2> rest{asio::buffer(head),
                                                 asio::buffer(body.substr(sent_ - of_head))};
    return write_now(connection_->socket, rest, ec);
}

void slim_call::await_answer() {
    auto told = [self = shared_from_this()](const boost::system::error_code& ec) {
        const handler_scope scope(scope_name);
        if (self->is_over_) return;
        ec ? self->lost() : self->read_answer();
    };
    if (std::exchange(was_quiet_, false))
        core_->wait_readable(connection_->socket, heard::nothing, std::move(told));
    else
        connection_->socket.async_wait(client_socket::wait_read, std::move(told));
}

void slim_call::read_answer() {
    auto& input = core_->input;
    for (std::size_t n = input.size(); n == input.size();) {  // fewer: all that had come was read
        boost::system::error_code ec;
        n = read_now(connection_->socket, asio::buffer(input), ec);
        if (ec == asio::error::would_block) break;
        if (ec == asio::error::eof && reader_->end_of_stream() == answer_reader::state::done)
            return answered();
        if (ec) return lost();
        const auto now = reader_->feed(std::string_view(input.data(), n));
        if (now == answer_reader::state::bad) return fail(errc::bad_answer);
        if (now == answer_reader::state::done) return answered();
    }
    await_answer();
}

void slim_call::answered() {
    if (reader_->leaves_connection_usable() && !is_broken_) {
        const auto now = core_->time.now();
        core_->pool.give_back(*place_, std::move(connection_), now);
        core_->sweep_by(now + core_->setup.pool.idle_time);
    }
    finish(reader_->take().status);
}

// As in the pooled client: a kept connection may have been closed by its server just while we wrote. One more
// try, on a fresh one, when no answer had begun, and nothing of the request was taken or it does no harm when
// done twice.
void slim_call::lost() {
    if (is_reused_ && !reader_->has_begun() && (sent_ == 0 || !request_.body)) return connect();
    fail(errc::connection_lost);
}

void slim_call::fail(errc why) {
    if (!is_starting_) return finish(why);
    asio::post(core_->loop, [self = shared_from_this(), why] { self->finish(why); });
}

void slim_call::finish(result<int> how) {
    if (std::exchange(is_over_, true)) return;
    const auto alive = std::move(self_);
    const auto told = std::move(told_);
    core_->calls.erase(core_->calls.iterator_to(*this));
    question_.reset();
    connection_.reset();
    const bool is_dropped = core_->stopping;
    core_->counters.ended(how ? failure() : failure(static_cast<errc>(how.error().value())));
    place_.reset();  // goes to the next in line
    request_.to.reset();
    if (!is_dropped) told(how);
}

}  // namespace distd::http

#include "http/client/client_link.hpp"

#include <boost/system/system_error.hpp>

namespace distd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

}  // namespace

client_link::client_link(std::shared_ptr<client_core> core)
    : core_(std::move(core)), watch_(core_->loop, core_->time) {}

template <class... Target>
bool client_link::enter(const Target&... target) {
    if (place_.is_entered()) return place_.is_granted();
    return core_->pool.enter(target..., place_, [this] { watch_.ring(); }) && place_.is_granted();
}

bool client_link::enter_at_once(const url& where) { return enter(where.host, where.port); }
bool client_link::enter_at_once(const call_target& to) { return enter(to.place); }

task<client_link::failure> client_link::wait_for_place() {
    if (!place_.is_entered()) co_return errc::overloaded;
    while (!place_.is_granted() && !watch_.verdict()) co_await watch_.wait();
    co_return watch_.verdict();
}

bool client_link::take_kept(connection_owner* who) {
    auto idle = core_->pool.take_idle(place_, who);
    if (!idle) return false;
    core_->counters->reused.add();
    use(std::move(idle));
    return true;
}

task<client_link::failure> client_link::connect(const url& where, milliseconds patience, steady_point due) {
    const auto connect_due = core_->time.now() + patience;
    if (connect_due < due) end_at(connect_due, errc::unreachable);
    failure failed = co_await find_addresses(where);
    if (failed) co_return failed;
    failed = errc::unreachable;
    const auto& may_connect = core_->setup.may_connect;
    for (const auto& address : addresses_) {
        const tcp::endpoint peer(address, where.port);
        if (may_connect && !may_connect(peer)) {
            failed = errc::bad_address;
            continue;
        }
        failed = co_await connect_to(peer);
        if (!failed || watch_.verdict()) break;
    }
    if (!failed) end_at(due, errc::timed_out);
    co_return failed;
}

task<client_link::failure> client_link::find_addresses(const url& where) {
    auto known = core_->names.known(where.host);
    while (!known) {
        resolver::question waiting([this] { watch_.ring(); });
        if (!core_->names.ask(where.host, waiting)) co_return errc::overloaded;
        co_await watch_.wait();
        if (watch_.verdict()) co_return watch_.verdict();
        known = core_->names.known(where.host);
    }
    if (!*known) co_return errc::unreachable;
    addresses_ = std::move(**known);
    co_return failure();
}

task<client_link::failure> client_link::connect_to(tcp::endpoint peer) {
    if (const auto failed = open_socket(peer)) co_return failed;
    auto& s = connection_->socket;
    auto [ec] = co_await s.async_connect(peer, as_result);
    if (const auto ended = interruption(ec)) co_return watch_.verdict().value_or(errc::unreachable);
    // A port nobody listens on may be given to our own end, which then talks to itself.
    boost::system::error_code unknown;
    if (s.local_endpoint(unknown) == peer || unknown) co_return errc::unreachable;
    s.set_option(tcp::no_delay(true), unknown);
    core_->counters->connections.add();
    co_return failure();
}

client_link::failure client_link::open_socket(tcp::endpoint peer) {
    use(std::make_unique<client_connection>(core_->loop));
    return core_->pool.open(connection_->socket, peer.protocol(), core_->pool.idle_connections());
}

client_link::failure client_link::interruption(const boost::system::error_code& ec) const {
    if (watch_.verdict()) return watch_.verdict();
    if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
    return ec ? failure(errc::connection_lost) : failure();
}

task<client_link::failure> client_link::wait_readable() {
    auto [ec] = co_await connection_->socket.async_wait(client_socket::wait_read, as_result);
    co_return interruption(ec);
}

task<client_link::failure> client_link::wait_writable() {
    auto [ec] = co_await connection_->socket.async_wait(client_socket::wait_write, as_result);
    co_return interruption(ec);
}

void client_link::use(std::unique_ptr<client_connection> c) noexcept {
    watch_.guard(c ? &c->socket : nullptr);
    connection_ = std::move(c);
}

void client_link::keep() {
    watch_.guard(nullptr);
    core_->keep(place_, std::move(connection_));
}

void client_link::close() {
    watch_.guard(nullptr);
    connection_.reset();
}

}  // namespace distd::http

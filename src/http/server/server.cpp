#include "http/server/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <iterator>

#include "base/assert.hpp"
#include "base/task_group.hpp"
#include "http/server/connection.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_context.hpp"

namespace distd::http {
namespace {

// A client over IPv4 is called by its own address, also on a socket that takes both kinds.
std::string name_of(const boost::asio::ip::address& a) {
    using namespace boost::asio::ip;
    const bool is_v4_mapped = a.is_v6() && a.to_v6().is_v4_mapped();
    return is_v4_mapped ? make_address_v4(v4_mapped, a.to_v6()).to_string() : a.to_string();
}

using tcp = boost::asio::ip::tcp;
using boost::system::error_code;
using acceptor = boost::asio::basic_socket_acceptor<tcp, executor>;
using unsent_in_kernel = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

}  // namespace

struct server::impl final : private connection_owner {
    impl(server_setup s, executor ex, time_source& time, router& routes, std::shared_ptr<log_sink> log,
         metrics& m)
        : core(std::move(s), ex, time, routes, std::move(log), m, *this),
          all_closed(ex, time),
          tasks(ex, time) {
        m.level_of("distd_http_connections", "Open connections",
                   [this] { return static_cast<double>(connections.size()); });
        tasks.on_failure([this](const std::string& name, const std::string& what) {
            logger(core.log, core.setup.source).error("task_failed", {{"task", name}, {"error", what}});
        });
    }

    // A port, and what is spoken there.
    struct listener {
        std::unique_ptr<acceptor> socket;
        std::shared_ptr<const tls_server> tls;  // null: no TLS
    };

    task<> accept_from(const listener* from);
    task<> tick();
    void add(std::unique_ptr<acceptor>, std::shared_ptr<const tls_server>);
    void take(stream_socket socket, const tcp::endpoint& peer, const tls_server* tls);
    void remove(connection_list::iterator) noexcept override;

    server_core core;
    connection_list connections;  // give back to `core` what they hold
    alarm_clock all_closed;
    std::vector<std::unique_ptr<listener>> listeners;
    tcp::endpoint first;
    bool has_first = false;
    std::optional<tcp::endpoint> first_tls;
    bool stopped = false;
    task_group tasks;
};

task<> server::impl::tick() {
    alarm_clock bell(core.loop, core.time);
    for (;;) {
        co_await bell.wait_for(seconds(1));
        core.tick();
        for (auto it = connections.begin(); it != connections.end();) (it++)->sweep(core.steady_base);
    }
}

void server::impl::remove(connection_list::iterator c) noexcept {
    connections.erase(c);
    if (connections.empty()) all_closed.wake();
}

task<> server::impl::accept_from(const listener* from) {
    auto& a = *from->socket;
    while (a.is_open()) {
        tcp::endpoint peer;
        auto [ec, socket] = co_await a.async_accept(peer, as_result);
        if (!ec) {
            take(stream_socket(std::move(socket)), peer, from->tls.get());
        } else if (ec == boost::asio::error::operation_aborted || ec == boost::asio::error::bad_descriptor) {
            co_return;
        } else if (ec != boost::asio::error::connection_aborted) {
            // Out of descriptors or memory: the backlog waits, the server goes on.
            logger(core.log, core.setup.source).warn("accept_failed", {{"error", ec.message()}});
            co_await sleep_for(core.time, milliseconds(100));
        }
    }
}

void server::impl::take(stream_socket socket, const tcp::endpoint& peer, const tls_server* tls) {
    error_code ec;
    socket.non_blocking(true, ec);
    auto remote = name_of(peer.address());
    resource_claims::holds h;
    if (const auto text = resource_claims::reserve(core, remote, tls != nullptr, h); !text.empty()) {
        core.refused_connections.add();
        // Who speaks TLS would have to shake hands first to be told, and that is what there is no room for.
        if (!tls) static_cast<void>(write_now(socket, boost::asio::buffer(text), ec));
        return;
    }
    try {
        if (tls) socket.speak(tls->accept());
    } catch (const std::bad_alloc&) {  // OpenSSL's: this one is closed, the next may find memory again
        core.refused_connections.add();
        return;
    }
    socket.set_option(tcp::no_delay(true), ec);
    connections.emplace_back(core, std::move(socket), std::move(remote), std::move(h));
    connections.back().start(std::prev(connections.end()));
}

server::server(server_setup s, executor ex, time_source& time, router& routes, std::shared_ptr<log_sink> log,
               metrics& m)
    : impl_(std::make_unique<impl>(std::move(s), ex, time, routes, std::move(log), m)) {}

server::~server() { DISTD_ASSERT(impl_->connections.empty()); }

void server::listen(const tcp::endpoint& where, std::shared_ptr<const tls_server> tls) {
    auto a = std::make_unique<acceptor>(impl_->core.loop);
    a->open(where.protocol());
    a->set_option(tcp::acceptor::reuse_address(true));
    if (where.protocol() == tcp::v6()) a->set_option(boost::asio::ip::v6_only(false));
    a->bind(where);
    a->listen(4096);
    impl_->add(std::move(a), std::move(tls));
}

void server::adopt(int descriptor, const tcp::endpoint& where, std::shared_ptr<const tls_server> tls) {
    auto a = std::make_unique<acceptor>(impl_->core.loop);
    a->assign(where.protocol(), descriptor);
    impl_->add(std::move(a), std::move(tls));
}

// Asked later, a listener that the drain has closed would not know where it was.
void server::impl::add(std::unique_ptr<acceptor> a, std::shared_ptr<const tls_server> tls) {
    error_code ec;
    const auto where = a->local_endpoint(ec);
    if (!ec) a->non_blocking(true, ec);
    // Of what a client does not read the kernel would take megabytes, beyond our bounds and uncounted. Its
    // connections inherit this from the listener. What is on its way to the client is not limited.
    if (!ec) a->set_option(unsent_in_kernel(256 << 10), ec);
    if (ec) throw boost::system::system_error(ec, "a listening socket");
    if (!tls && !std::exchange(has_first, true)) first = where;
    if (tls && !first_tls) {
        first_tls = where;
        core.https_port = where.port();
        core.https = tls;
    }
    listeners.push_back(std::make_unique<listener>(listener{std::move(a), std::move(tls)}));
}

const server::tcp::endpoint& server::local() const noexcept {
    DISTD_ASSERT(impl_->has_first);
    return impl_->first;
}

const std::optional<server::tcp::endpoint>& server::local_tls() const noexcept { return impl_->first_tls; }

void server::start() {
    for (auto& l : impl_->listeners)
        impl_->tasks.spawn("accept", [this, from = l.get()] { return impl_->accept_from(from); });
    impl_->tasks.spawn("deadlines", [this] { return impl_->tick(); });
}

void server::drain() {
    auto& core = impl_->core;
    core.draining = true;
    error_code ec;
    for (auto& l : impl_->listeners) {
        for (;;) {
            tcp::endpoint peer;
            tcp_socket socket(core.loop);
            l->socket->accept(socket, peer, ec);
            if (ec) break;
            impl_->take(stream_socket(std::move(socket)), peer, l->tls.get());
        }
        l->socket->close(ec);
    }
    for (auto it = impl_->connections.begin(); it != impl_->connections.end();) (it++)->drain();
}

void server::stop() {
    for (auto it = impl_->connections.begin(); it != impl_->connections.end();) (it++)->end();
    impl_->tasks.cancel();
    impl_->stopped = true;
}

task<bool> server::join_until(steady_point deadline) {
    while (!impl_->connections.empty())
        if (co_await impl_->all_closed.wait_until(deadline)) co_return false;
    co_return !impl_->stopped || co_await impl_->tasks.join_until(deadline);
}

std::size_t server::connections() const noexcept { return impl_->connections.size(); }

}  // namespace distd::http

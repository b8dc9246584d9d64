#include "http/client/lease.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "base/assert.hpp"
#include "base/completion.hpp"
#include "base/handler_scope.hpp"
#include "base/scope_exit.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_context.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr const char* scope_name = "a connection to a peer";

// A port nobody listens on may be given to our own end, which then talks to itself (a TCP self-connect).
bool is_own_echo(const stream_socket& s, const tcp::endpoint& peer) {
    boost::system::error_code ec;
    return s.local_endpoint(ec) == peer || ec;
}

// Why a handshake failed. One that was cut may succeed elsewhere.
errc reason_of(tls_end how) noexcept {
    if (how == tls_end::not_trusted) return errc::untrusted;
    return how == tls_end::cut ? errc::unreachable : errc::bad_answer;
}

}  // namespace

// The way to a connection: queue, resolver, one address after the other. On the heap, as what it waits for
// may outlive the lease; most exchanges find a kept connection and need none of it.
struct lease::acquisition : std::enable_shared_from_this<acquisition> {
    acquisition(lease& l, const call_target& t, const lease::options& o, completion f)
        : of(&l), core(l.core_), to(t), how(o), on_done(std::move(f)) {}

    void begin() {
        is_starting = true;
        if (of->outcome() || core->stopping)
            finish(of->outcome().value_or(errc::stopped));
        else if (!of->enter(to))
            finish(errc::overloaded);
        else if (of->slot_.is_granted())
            has_slot();
        is_starting = false;
    }

    // Calls `step` when the loop has its next turn, if it is still wanted then.
    void post(void (acquisition::*step)()) {
        asio::post(core->loop, [self = shared_from_this(), step] {
            const handler_scope scope(scope_name);
            if (self->of) (*self.*step)();
        });
    }

    void has_slot() {
        if (how.may_be_kept && of->take_idle(how.owner)) return finish({});
        const auto due = core->time.now() + how.connect_within;
        if (due < how.due) of->end_at(due, errc::unreachable);
        find_addresses();
    }

    void find_addresses() {
        auto known = core->names.known(to.where.host);
        if (!known) {
            // Not at once: the question that is being answered must outlive its answer.
            question.emplace([this] { post(&acquisition::find_addresses); });
            if (!core->names.ask(to.where.host, *question)) finish(errc::overloaded);
            return;
        }
        if (!*known || (*known)->empty()) return finish(errc::unreachable);
        addresses = std::move(**known);
        connect_to_next(errc::bad_address);
    }

    // `failed`: why it failed if there is no other address.
    void connect_to_next(errc failed) {
        while (next < addresses.size()) {
            const tcp::endpoint peer(addresses[next++], to.where.port);
            const auto& may_connect = core->setup.may_connect;
            if (may_connect && !may_connect(peer)) continue;
            auto c = std::make_unique<client_pool::connection>(core->loop);
            if (const auto refused = core->pool.open(c->socket, peer.protocol())) {
                failed = *refused;
                continue;
            }
            of->use(std::move(c), false);
            return of->socket().async_connect(
                peer, [self = shared_from_this(), peer](const boost::system::error_code& ec) {
                    const handler_scope scope(scope_name);
                    if (self->of) self->connected(!ec, peer);
                });
        }
        finish(failed);
    }

    void connected(bool is_connected, const tcp::endpoint& peer) {
        auto& socket = of->socket();
        if (!is_connected || is_own_echo(socket, peer)) return connect_to_next(errc::unreachable);
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        if (core->counters) core->counters->connections.add();
        if (!to.where.is_secure) return is_ready();
        const auto& trust = *core->setup.trust;
        socket.speak(trust.connect(to.where.host, to.where.port, core->time.wall(), to.pin));
        shake_hands();
    }

    // Nothing was sent yet that a peer could act upon, so whoever fails here is one that was not reached.
    void shake_hands() {
        boost::system::error_code ec;
        shake_hands_now(of->socket(), ec);
        if (!ec) return is_ready();
        if (ec != asio::error::would_block) return connect_to_next(reason_of(of->socket().tls()->end()));
        wait_for_bytes(of->socket(), [self = shared_from_this()](const boost::system::error_code& failed) {
            const handler_scope scope(scope_name);
            if (!self->of) return;
            failed ? self->connect_to_next(errc::unreachable) : self->shake_hands();
        });
    }

    void is_ready() {
        of->end_at(how.due, errc::timed_out);
        finish({});
    }

    void finish(failure f) {
        result = f;
        is_starting ? post(&acquisition::notify) : notify();
    }

    void notify() {
        const auto self = std::exchange(of->acquisition_, nullptr);
        of = nullptr;
        const auto callback = std::exchange(on_done, nullptr);
        callback(result);
    }

    lease* of;  // null: it is not wanted any more
    std::shared_ptr<client_core> core;
    const call_target& to;
    lease::options how;
    completion on_done;
    failure result;
    address_list addresses;
    std::size_t next = 0;
    std::optional<resolver::question> question;
    bool is_starting = false;
};

lease::lease(std::shared_ptr<client_core> core, std::function<void()> on_end)
    : core_(std::move(core)), on_end_(std::move(on_end)) {}

bool lease::take_kept(const call_target& to, connection_owner* owner) {
    return enter(to) && slot_.is_granted() && take_idle(owner);
}

void lease::acquire(const call_target& to, const options& how, completion on_done) {
    DISTD_ASSERT(!acquisition_);
    connection_.reset();
    acquisition_ = std::make_shared<acquisition>(*this, to, how, std::move(on_done));
    acquisition_->begin();
}

task<lease::failure> lease::acquire(const call_target& to, options how) {
    const scope_exit at_end([this] { cancel_acquisition(); });
    auto start = [this, &to, &how](distd::completion<result<>> on_done) {
        acquire(to, how, [on_done](failure f) mutable { on_done(f ? result<>(*f) : result<>()); });
    };
    const auto got = co_await initiate<result<>>(use_task, std::move(start));
    co_return got ? failure() : failure(static_cast<errc>(got.error().value()));
}

bool lease::enter(const call_target& to) {
    return slot_.is_entered() || core_->pool.enter(to.ref, slot_, [this] { granted(); });
}

void lease::granted() {
    if (acquisition_) acquisition_->post(&acquisition::has_slot);
}

bool lease::take_idle(connection_owner* owner) {
    auto idle = core_->pool.take_idle(slot_, owner);
    if (!idle) return false;
    if (core_->counters) core_->counters->reused.add();
    use(std::move(idle), true);
    return true;
}

void lease::use(std::unique_ptr<client_pool::connection> c, bool is_reused) noexcept {
    connection_ = std::move(c);
    is_reused_ = is_known_empty_ = is_reused;
    is_cut_short_ = false;
    sent_ = 0;
}

std::optional<lease::failure> lease::send_now(std::string_view& head, std::string_view& body) {
    while (!head.empty() || !body.empty()) {
        const std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
        boost::system::error_code ec;
        const auto n = write_now(socket(), rest, ec);
        sent_ += n;
        body.remove_prefix(n - std::min(n, head.size()));
        head.remove_prefix(std::min(n, head.size()));
        if (!ec) continue;
        if (ec == asio::error::would_block) return std::nullopt;
        // A peer may answer and close before it took everything: its answer is still there to be read.
        is_cut_short_ = true;
        return sent_ == 0 ? failure(errc::connection_lost) : failure();
    }
    return failure();
}

std::string_view lease::receive_now(boost::system::error_code& ec) {
    auto& input = core_->input;
    return {input.data(), read_now(socket(), asio::buffer(input), ec)};
}

bool lease::is_drained(std::string_view received) const noexcept {
    return http::is_drained(connection_->socket, received.size(), core_->input.size());
}

lease::failure lease::interruption(const boost::system::error_code& ec) const {
    if (outcome()) return outcome();
    if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
    return ec ? failure(errc::connection_lost) : failure();
}

void lease::settle(bool is_usable) {
    if (is_usable && !is_cut_short_ && !outcome())
        core_->keep(slot_, std::move(connection_));
    else
        connection_.reset();
}

void lease::cancel_acquisition() noexcept {
    const auto a = std::exchange(acquisition_, nullptr);
    if (!a) return;
    a->of = nullptr;
    a->question.reset();
    a->on_done = nullptr;
}

void lease::release() {
    if (is_linked()) unlink();
    cancel_acquisition();
    connection_.reset();
    slot_.leave();
}

// Waits on the socket end by its close.
void lease::ended() {
    boost::system::error_code ignored;
    if (connection_) connection_->socket.close(ignored);
    if (acquisition_) return acquisition_->finish(outcome());
    const auto notify = on_end_;  // which may destroy this
    if (notify) notify();
}

}  // namespace distd::http

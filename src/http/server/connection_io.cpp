// The waiting half of a connection: reading, running handlers, sending.
#include <sys/socket.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "base/assert.hpp"
#include "base/handler_scope.hpp"
#include "http/server/connection.hpp"
#include "http/server/over_limit.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t linger_bytes = 64 << 20;  // many peers send all of a body before they read

bool is_coroutine(handler_result& r) noexcept {
    return std::holds_alternative<task<response>>(r.value()) ||
           std::holds_alternative<task<handler_result>>(r.value());
}

}  // namespace

void connection::wait_for_request() {
    expect(core_.setup.idle_deadline);
    wait_for_bytes_of_request();
}

// With TLS much may come that is no request: none of it moves the deadline.
void connection::wait_for_bytes_of_request() {
    phase_ = phase::plain;
    const auto on_ready = [this](const error_code& ec) {
        const handler_scope scope("an incoming request");
        on_readable(ec);
    };
    if (idle_.begin_wait())
        core_.wait_readable(socket_, socket_state::unknown, on_ready);
    else
        wait_for_bytes(socket_, on_ready);
    claims_.offer_idle(now_, socket_.tls() != nullptr);
}

// Most requests are here whole and are answered without ever waiting: for those no coroutine is begun.
void connection::on_readable(const error_code& ec) {
    idle_.end_wait();
    if (ec || is_evicted()) return finish_connection();
    interrupted_ = interruption::none;  // what came was faster
    now_ = core_.time.now();
    block_ = core_.pool.take();
    if (!read_ready()) {
        if (is_refused_as_plain()) return;
        const bool fits =
            claims_.claim(resource_claims::bytes_when_idle(socket_)) == source_shares::verdict::granted;
        release_block();
        return ending_.may_send() && fits ? wait_for_bytes_of_request() : finish_connection();
    }
    claims_.note_request();
    expect(core_.setup.head_deadline);
    if (const auto said = claim_memory(); said != source_shares::verdict::granted) {
        core_.refused_heads.add();
        block_->sender.append(over_limit_bytes(said, limited::memory));
        static_cast<void>(write_now());
        return finish_connection();
    }
    go_on(advance());
}

// A request without TLS where TLS is spoken: who sent it is told so in words that it understands.
bool connection::is_refused_as_plain() {
    if (!socket_.tls() || socket_.tls()->end() != tls_end::plain_http) return false;
    auto& b = *block_;
    b.input.assign(socket_.tls()->take_plain_bytes());
    socket_.speak(nullptr);
    ending_ = {};
    claims_.note_request();
    expect(core_.setup.head_deadline);
    go_on(refuse({400, "This port speaks TLS: write https:// instead of http:// in front of the address."}));
    return true;
}

// With no coroutine at work. May destroy the connection.
void connection::go_on(step next) {
    if (next == step::defer && write_now()) return begin_deferral();
    if (next == step::need_bytes && block_->input.is_empty() && !core_.draining && write_now()) {
        release_block();
        return wait_for_request();
    }
    phase_ = phase::serving;
    asio::co_spawn(
        core_.loop, serve_burst(next),
        asio::bind_cancellation_slot(signal_.slot(), [this](std::exception_ptr failure, bool stays) {
            const handler_scope scope("a request that was served");
            if (failure || !stays) return finish_connection();
            if (block_->under_way) return begin_deferral();
            release_block();
            wait_for_request();
        }));
}

// While no coroutine is at work.
void connection::go_on_after(step answered) { go_on(answered == step::go_on ? advance() : answered); }

// Goes on from `next` until no byte of a further request is here; false: the connection is over.
task<bool> connection::serve_burst(step next) {
    auto& b = *block_;
    for (;;) {
        for (; next != step::need_bytes; next = advance()) {
            deadline_ = steady_point::max();
            if (next == step::need_body) next = co_await read_whole_body();
            if (next == step::run) next = co_await run_handler();
            if (next == step::stream) next = co_await send_stream();
            if (next == step::close || next == step::linger || next == step::defer) break;
            if (next == step::flush && !co_await flush()) co_return false;
        }
        if (!write_now() && !co_await flush()) co_return false;
        if (next == step::linger) co_await linger();
        if (next == step::defer) co_return true;
        if (next != step::need_bytes || (b.input.is_empty() && core_.draining)) co_return false;
        if (b.input.is_empty()) co_return true;
        if (deadline_ == steady_point::max()) expect(core_.setup.head_deadline);
        claims_.offer_as(resource_claims::arriving, now_);
        const auto room = b.input.room();
        const auto [ec, n] = co_await read_some(&socket_, asio::buffer(room.data(), room.size()));
        idle_.note_read(is_drained(socket_, n, room.size()));
        if (ec && interrupted_ == interruption::none) co_return false;
        now_ = core_.time.now();
        b.input.add(n);
        if (is_evicted()) {
            next = answer_evicted();
            continue;
        }
        next = interrupted_ == interruption::expired
                   ? refuse({408, "The request's head did not arrive in time."})
                   : advance();
    }
}

bool connection::read_ready() {
    error_code ec;
    const auto room = block_->input.room();
    const auto n = read_now(socket_, asio::buffer(room.data(), room.size()), ec);
    idle_.note_read(is_drained(socket_, n, room.size()));
    if (ec == asio::error::would_block) return false;
    if (ec) ending_.lose_client();
    if (!ec) block_->input.add(n);
    return !ec;
}

// After a refusal: without this the peer's unread bytes would turn our close into a reset that eats the
// answer. What was read of its body is of no use to anybody, and whoever finds no room ends it.
task<> connection::linger() {
    shut_down(socket_);
    interrupted_ = interruption::none;
    now_ = core_.time.now();
    deadline_ = now_ + core_.setup.linger_deadline;
    free_memory_of(block_->body);
    claims_.set_bytes(bytes_in_use());
    claims_.offer_as(resource_claims::arriving, now_);
    block_->input.clear();
    for (std::size_t read = 0; read < linger_bytes;) {
        const auto room = block_->input.room();
        const auto [read_error, n] = co_await read_some(&socket_, asio::buffer(room.data(), room.size()));
        if (read_error) break;
        read += n;
    }
    claims_.withdraw(resource_claims::arriving);
}

task<connection::step> connection::run_handler() {
    auto& b = *block_;
    auto work = std::exchange(b.under_way, std::nullopt);
    // What is answered already does not wait for a handler that may.
    if (!write_now() && !co_await flush()) co_return step::close;
    ends_at_drain_ = b.x.matched->options.waits_long;
    if (ends_at_drain_ && core_.draining) co_return finish(response::of(errc::stopped));
    if (ends_at_drain_) watch_by_wait();
    fields added;
    try {
        while (is_coroutine(*work)) {
            for (const auto& [name, value] : work->take_headers()) added.add(name, value);
            if (auto* ends_in_response = std::get_if<task<response>>(&work->value())) {
                auto running = std::move(*ends_in_response);
                auto r = co_await std::move(running);
                work.emplace(std::move(r));
            } else {
                auto running = std::get<task<handler_result>>(std::move(work->value()));
                auto r = co_await std::move(running);
                work.emplace(std::move(r));
            }
        }
    } catch (const std::exception& e) {
        if (ending_.is_cancelled()) throw;
        work.emplace(failed(b.x, e.what()));
    }
    for (const auto& [name, value] : added) work->header(name, value);
    unwatch_by_wait();
    ends_at_drain_ = false;
    auto next = proceed(*std::move(work));
    if (!ending_.may_send()) next = step::close;
    co_return next;
}

}  // namespace distd::http

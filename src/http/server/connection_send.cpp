// The part of a connection that sends: answers, streams, what somebody else answered, and what is held for
// clients that do not read.
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "http/server/connection.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

// Whether what an answer holds until the client has it may be held. Asked before its head is written: the
// client can still be told. A body that is copied behind its head counts with the buffer.
source_shares::verdict connection::make_room_for(const response& r) {
    using enum source_shares::verdict;
    if (std::holds_alternative<stream_body>(r.body())) {
        auto& sender = block_->sender;
        sender.set_bytes_held(r.held_bytes());
        const auto said = r.held_bytes() == 0 ? granted : claim_memory();
        if (said != granted) sender.set_bytes_held(0);
        return said;
    }
    if (body_bytes(r).size() <= response_sender::max_copied_bytes) return granted;
    if (const auto* own = std::get_if<std::string>(&r.body()))
        return claims_.claim(bytes_in_use() + own->capacity());
    // A shared one is counted only where the client is slow, and once: here it is merely tried.
    const auto& shared = std::get<shared_text>(r.body());
    if (core_.bodies.counts(shared)) return granted;
    const auto said = claims_.claim(bytes_in_use() + shared->capacity());
    claims_.set_bytes(bytes_in_use());
    return said;
}

void connection::cut_off(const char* reason) noexcept {
    block_->x.reason = reason;
    ending_.lose_client();
    ending_.cut_off_answer();
}

// Sends all that there is; false once the peer is gone.
task<bool> connection::flush() {
    auto& sender = block_->sender;
    shared_bodies::hold shared;
    // Who does not take what was asked for holds it: that has its bound, too.
    if (claim_memory() != source_shares::verdict::granted) cut_off("memory_limit");
    if (ending_.may_send() && sender.has_body_left()) {
        error_code ec;
        const auto n = http::write_now(socket_, sender.unsent(), ec);
        if (ec && ec != asio::error::would_block) ending_.lose_client();
        if (!ec) sender.take_off(n);
        const auto* body = sender.shared_body();
        const bool is_held = ending_.may_send() && sender.has_body_left() && body;
        if (is_held && core_.bodies.take(*body, remote_, shared) != source_shares::verdict::granted)
            cut_off("memory_limit");
    }
    while (ending_.may_send() && !sender.is_sent()) {
        now_ = core_.time.now();
        deadline_ = now_ + core_.setup.write_deadline;
        if (!claims_.offers(resource_claims::arriving)) claims_.offer_as(resource_claims::unread, now_);
        const auto pieces = sender.unsent();
        const auto [ec, n] = co_await write_some(&socket_, pieces);
        if (ec) ending_.lose_client();
        claims_.note_taken(n, core_.time.now());
        sender.take_off(n);
    }
    claims_.withdraw(resource_claims::unread);
    sender.forget_unsent();
    now_ = core_.time.now();
    deadline_ = steady_point::max();
    co_return ending_.may_send();
}

task<connection::step> connection::send_stream() {
    auto& b = *block_;
    const auto status = b.sender.status();
    const auto producer = b.sender.take_producer();
    ends_at_drain_ = true;
    if (core_.draining) ending_.cancel();
    bool whole = false;
    if (co_await flush() && !ending_.is_cancelled()) {
        watch_by_wait();
        try {
            co_await producer(body_writer(b.x));
            whole = ending_.may_send();
        } catch (const std::exception& e) {
            if (ending_.is_cancelled()) {
                record(status, b.sender.streamed_bytes());
                throw;
            }
            static_cast<void>(failed(b.x, e.what()));
        }
        unwatch_by_wait();
    }
    b.sender.set_bytes_held(0);
    ends_at_drain_ = false;
    end_body(whole);
    record(status, b.sender.streamed_bytes());
    co_return ending_.may_send() ? after_answer() : step::close;
}

// A body that failed half way is cut off, so that the client does not take it for complete: it gets no last
// chunk and, where the close would be the end, no orderly one.
void connection::end_body(bool is_whole) {
    if (is_whole) return block_->sender.end_body();
    keep_alive_ = false;
    ending_.cut_off_answer();
    if (block_->sender.ends_with_connection()) close_by_reset();
}

// The piece stays in this frame until the client has it.
task<result<>> connection::write_body_piece(body_piece piece) {
    if (!ending_.may_send()) co_return errc::connection_lost;
    if (piece.own.empty() && !piece.shared) co_return result<>();
    auto& sender = block_->sender;
    sender.append(piece);
    const auto own = !sender.has_body_left() || piece.shared ? 0 : piece.own.capacity();
    sender.set_bytes_held(sender.bytes_held() + own);
    const bool is_sent = write_now() || co_await flush();
    sender.set_bytes_held(sender.bytes_held() - own);
    if (!is_sent) co_return errc::connection_lost;
    co_return result<>();
}

source_shares::verdict connection::reserve(std::size_t bytes) {
    block_->sender.set_bytes_held(bytes);
    const auto said = claim_memory();
    if (said != source_shares::verdict::granted) block_->sender.set_bytes_held(0);
    return said;
}

// The body is here, and counts by itself.
void connection::end_reservation() noexcept {
    if (block_->sender.bytes_held() == 0) return;
    block_->sender.set_bytes_held(0);
    claims_.set_bytes(bytes_in_use());
}

bool connection::count_held(std::size_t bytes) {
    block_->sender.set_bytes_held(bytes);
    if (claim_memory() == source_shares::verdict::granted) return true;
    cut_off("memory_limit");
    return false;
}

void connection::begin_relay(int status, std::string_view lines, bool has_body,
                             std::optional<std::uint64_t> length) {
    auto& b = *block_;
    if (!b.incoming.is_complete() || status == 101 || core_.draining) keep_alive_ = false;
    b.sender.start_relayed({status, lines, has_body, length}, b.x, keep_alive_,
                           core_.routes.strict_transport());
    if (b.sender.ends_with_connection()) keep_alive_ = false;
    b.x.relayed_status = status;
}

void connection::relay(std::string_view piece) { block_->sender.relay(piece, socket_, ending_); }

connection::step connection::end_relay() {
    auto& b = *block_;
    if (!b.x.relayed_whole) b.incoming.complete();  // nothing is to be heard out
    end_body(b.x.relayed_whole);
    record(b.x.relayed_status, b.sender.streamed_bytes());
    return ending_.may_send() ? after_answer() : step::close;
}

std::string connection::take_buffered_input() {
    auto& b = *block_;
    std::string ahead(b.input.unread());
    b.input.consume(ahead.size());
    return ahead;
}

}  // namespace distd::http

// The part of a connection that sends: answers, streams, and what is held for clients that do not read.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "http/message/chunked.hpp"
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
        held_bytes_ = r.held_bytes();
        const auto said = held_bytes_ == 0 ? granted : take_memory();
        if (said != granted) held_bytes_ = 0;
        return said;
    }
    if (body_bytes(r).size() <= copied_body_bytes) return granted;
    if (const auto* own = std::get_if<std::string>(&r.body()))
        return claim_memory(bytes_in_use() + own->capacity());
    // A shared one is counted only where the client is slow, and once: here it is merely tried.
    const auto& shared = std::get<shared_text>(r.body());
    if (core_.bodies.counts(shared)) return granted;
    const auto said = claim_memory(bytes_in_use() + shared->capacity());
    memory_.change_to(bytes_in_use());
    return said;
}

connection::unsent_bytes connection::unsent(std::size_t sent_of_out) const noexcept {
    const auto& out = block_->out;
    return {asio::buffer(out.data() + sent_of_out, out.size() - sent_of_out),
            asio::buffer(body_left_.data(), body_left_.size()),
            asio::buffer(end_left_.data(), end_left_.size())};
}

// `n` bytes of what is unsent were sent.
void connection::take_off(std::size_t n, std::size_t& sent_of_out) noexcept {
    const auto of_out = std::min(n, block_->out.size() - sent_of_out);
    sent_of_out += of_out;
    n -= of_out;
    const auto of_body = std::min(n, body_left_.size());
    body_left_.remove_prefix(of_body);
    end_left_.remove_prefix(n - of_body);
}

void connection::cut_off(const char* reason) noexcept {
    block_->x.reason = reason;
    ending_.lose_client();
    ending_.cut_off_answer();
}

// What is small, as far as it goes without waiting.
bool connection::write_now() {
    auto& out = block_->out;
    if (!body_left_.empty()) return false;
    if (out.empty()) return true;
    error_code ec;
    const auto n = http::write_now(socket_, asio::buffer(out), ec);
    if (ec && ec != asio::error::would_block) {
        ending_.lose_client();
        return false;
    }
    if (!ec && n == out.size()) {
        out.clear();
        return true;
    }
    if (!ec) out.erase(0, n);
    return false;
}

// Sends `out` and the body behind it; false once the peer is gone.
task<bool> connection::flush() {
    auto& out = block_->out;
    std::size_t sent = 0;
    shared_bodies::hold shared;
    // Who does not take what was asked for holds it: that has its bound, too.
    if (take_memory() != source_shares::verdict::granted) cut_off("memory_limit");
    if (ending_.may_send() && !body_left_.empty()) {
        error_code ec;
        const auto n = http::write_now(socket_, unsent(sent), ec);
        if (ec && ec != asio::error::would_block) ending_.lose_client();
        if (!ec) take_off(n, sent);
        const bool is_held = ending_.may_send() && !body_left_.empty() && sent_body_;
        if (is_held && core_.bodies.take(*sent_body_, remote_, shared) != source_shares::verdict::granted)
            cut_off("memory_limit");
    }
    while (ending_.may_send() && (sent < out.size() || !body_left_.empty() || !end_left_.empty())) {
        now_ = core_.time.now();
        deadline_ = now_ + core_.setup.write_deadline;
        offer_unread();
        const auto pieces = unsent(sent);
        const auto [ec, n] = co_await write_some(&socket_, pieces);
        if (ec) ending_.lose_client();
        block_->unread_rest.taken(n, core_.time.now());
        take_off(n, sent);
    }
    withdraw_unread();
    out.clear();
    body_left_ = end_left_ = {};
    sent_body_ = nullptr;
    now_ = core_.time.now();
    deadline_ = steady_point::max();
    co_return ending_.may_send();
}

task<connection::step> connection::send_stream() {
    auto& b = *block_;
    // Not a copy: what the producer keeps is in it.
    const auto producer = std::move(std::get<stream_body>(b.answer.body()));
    ends_at_drain_ = true;
    if (core_.draining) ending_.cancel();
    streamed_bytes_ = 0;
    bool whole = false;
    if (co_await flush() && !ending_.is_cancelled()) {
        watch_by_wait();
        try {
            co_await producer(body_writer(b.x));
            whole = ending_.may_send();
        } catch (const std::exception& e) {
            if (ending_.is_cancelled()) {
                record(b.answer.status(), streamed_bytes_);
                throw;
            }
            static_cast<void>(failed(b.x, e.what()));
        }
        unwatch_by_wait();
    }
    held_bytes_ = 0;
    ends_at_drain_ = false;
    // A stream that failed half way is cut off, so that the peer does not take it for complete.
    if (whole && framing_ == body_framing::chunked) b.out.append(last_chunk);
    if (!whole) {
        keep_alive_ = false;
        ending_.cut_off_answer();
        if (framing_ == body_framing::until_close) close_by_reset();
    }
    record(b.answer.status(), streamed_bytes_);
    co_return ending_.may_send() ? after_answer() : step::close;
}

// Small pieces are copied behind what is to be sent already, large ones are sent from where they lie.
void connection::append_piece(const body_piece& piece) {
    auto& out = block_->out;
    const std::string_view shared = piece.shared ? std::string_view(*piece.shared) : std::string_view();
    const std::string_view end = piece.ends_event ? "\n\n" : "";
    const auto size = piece.own.size() + shared.size() + end.size();
    const bool chunked = framing_ == body_framing::chunked;
    streamed_bytes_ += size;
    if (chunked) append_chunk_size(out, size);
    if (size <= copied_body_bytes) {
        out.append(piece.own).append(shared).append(end);
        if (chunked) out.append("\r\n");
        return;
    }
    if (piece.shared) {
        out.append(piece.own);
        sent_body_ = &piece.shared;
    }
    body_left_ = piece.shared ? shared : std::string_view(piece.own);
    if (piece.ends_event)
        end_left_ = chunked ? "\n\n\r\n" : "\n\n";
    else
        end_left_ = chunked ? "\r\n" : "";
}

// The piece stays in this frame until the client has it.
task<result<>> connection::write_body_piece(body_piece piece) {
    if (!ending_.may_send()) co_return errc::connection_lost;
    if (piece.own.empty() && !piece.shared) co_return result<>();
    append_piece(piece);
    const auto own = body_left_.empty() || piece.shared ? 0 : piece.own.capacity();
    held_bytes_ += own;
    const bool is_sent = write_now() || co_await flush();
    held_bytes_ -= own;
    if (!is_sent) co_return errc::connection_lost;
    co_return result<>();
}

bool connection::count_held(std::size_t bytes) {
    held_bytes_ = bytes;
    if (take_memory() == source_shares::verdict::granted) return true;
    cut_off("memory_limit");
    return false;
}

}  // namespace distd::http

// The part of a connection that reads a request's body, whole or for a handler that takes it in pieces.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <limits>

#include "http/server/connection.hpp"
#include "http/server/over_limit.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

refusal refusal_for(const error_code& ec) {
    if (ec == errc::timed_out) return {408, "The request's body came too slowly."};
    if (ec == errc::conflict) return {401, other_body};
    if (ec == errc::overloaded) return {413, "The body is larger than the limit of this route."};
    return {400, "The body's chunks are not well-formed."};
}

}  // namespace

// A body that came with its head is used where it lies.
bool connection::take_body_in_buffer() {
    auto& b = *block_;
    if (b.incoming.is_complete()) return true;
    const auto whole = b.incoming.whole_in(b.input.unread());
    if (!whole) return false;
    b.x.body = *whole;
    b.input.consume(whole->size());
    return true;
}

// A body grows with what came of it, not with what was announced: to twice the room, or by an eighth where
// that is not to be had.
source_shares::verdict connection::make_room_for(std::string_view piece) {
    using enum source_shares::verdict;
    auto& body = block_->body;
    const std::uint64_t needed = body.size() + piece.size();
    if (needed <= body.capacity()) return claim_memory();
    const auto others = bytes_in_use() - body.capacity();
    const auto longest = block_->x.head.content_length.value_or(std::numeric_limits<std::uint64_t>::max());
    auto said = granted;
    for (const auto wish : {std::max<std::uint64_t>(needed, 2 * body.capacity()), needed + needed / 8}) {
        const auto room = std::min(wish, longest);
        said = claims_.try_claim(others + room);
        if (said == granted) break;
    }
    const auto least = std::min(needed + needed / 8, longest);
    if (said != granted) said = claims_.claim(others + least);
    if (said != granted) return said;
    std::string larger;  // by `reserve` a string takes twice what it has, granted or not
    larger.reserve(static_cast<std::size_t>(claims_.bytes() - others));
    larger.append(body);
    body.swap(larger);
    return said;
}

task<connection::step> connection::read_whole_body() {
    auto& b = *block_;
    b.body.clear();
    claims_.offer_as(resource_claims::arriving, now_);
    for (;;) {
        auto piece = co_await read_body_piece();
        if (is_evicted()) co_return answer_evicted();
        if (!piece) {
            if (!ending_.may_send()) co_return step::close;
            const auto why = refusal_for(piece.error());
            keep_alive_ = false;
            co_return finish(response::problem(why.status, std::string(why.reason)));
        }
        if (piece->empty()) break;
        if (const auto said = make_room_for(*piece); said != source_shares::verdict::granted) {
            keep_alive_ = false;
            co_return finish(over_limit(said, limited::memory));
        }
        b.body.append(*piece);
    }
    b.x.body = b.body;
    deadline_ = steady_point::max();
    co_return dispatch();
}

task<result<std::string_view>> connection::read_body_piece() {
    auto& b = *block_;
    for (;;) {
        auto piece = take_body_piece();
        const bool is_complete = b.incoming.is_complete();
        if (!piece || !piece->empty() || is_complete) {
            if (is_complete) b.input.end_request();
            co_return piece;
        }
        if (b.x.head.expects_continue && !b.incoming.has_begun()) {
            b.x.head.expects_continue = false;
            b.sender.append("HTTP/1.1 100 Continue\r\n\r\n");
            if (!write_now() && !co_await flush()) co_return errc::connection_lost;
        }
        auto room = b.input.body_room();
        room = room.first(b.incoming.max_read(room.size()));
        deadline_ = core_.time.now() + core_.setup.body_deadline;
        body_read_ = body_read::waiting;
        const auto [ec, n] = co_await read_some(&socket_, asio::buffer(room.data(), room.size()));
        const bool is_unwanted = std::exchange(body_read_, body_read::none) == body_read::unwanted;
        idle_.note_read(is_drained(socket_, n, room.size()));
        const auto now = core_.time.now();
        deadline_ = steady_point::max();
        if (is_unwanted && ec) co_return errc::stopped;
        const bool is_gathered = !b.x.matched->options.streams_body;
        if (interrupted_ != interruption::none || b.incoming.is_too_slow(now, core_.setup, is_gathered)) {
            if (!is_evicted()) interrupted_ = interruption::none;
            co_return errc::timed_out;
        }
        if (ec) {
            ending_.lose_client();
            co_return errc::connection_lost;
        }
        b.input.add(n);
    }
}

void connection::stop_reading() {
    if (body_read_ != body_read::waiting) return;
    body_read_ = body_read::unwanted;
    error_code ec;
    socket_.cancel(ec);
}

// The next piece among the bytes that are here; empty: none, or the body's end.
result<std::string_view> connection::take_body_piece() {
    auto& b = *block_;
    if (b.incoming.is_complete()) return std::string_view();
    auto raw = b.input.unread();
    const auto piece = b.incoming.take(raw, b.x.matched->max_body);
    b.input.consume(b.input.unread().size() - raw.size());
    if (piece && b.x.matched->options.streams_body && !b.incoming.is_as_promised(*piece))
        return errc::conflict;
    return piece;
}

}  // namespace distd::http

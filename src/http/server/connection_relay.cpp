// The half of a connection that passes on an answer which somebody else gave, piece by piece.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <charconv>

#include "base/ascii.hpp"
#include "http/message/chunked.hpp"
#include "http/server/connection.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

void append_number(std::string& out, std::uint64_t n) {
    std::array<char, 20> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr);
}

// Whether one of the lines, each with its end, is of that field.
bool names(std::string_view lines, std::string_view field) {
    while (!lines.empty()) {
        const auto colon = std::min(lines.find(':'), lines.size());
        if (ascii::equal_ignoring_case(lines.substr(0, colon), field)) return true;
        lines.remove_prefix(std::min(lines.find('\n', colon), lines.size() - 1) + 1);
    }
    return false;
}

}  // namespace

void connection::begin_relay(int status, std::string_view lines, bool has_body,
                             std::optional<std::uint64_t> length) {
    auto& b = *block_;
    auto& out = b.out;
    streamed_bytes_ = 0;
    const bool is_upgrade = status == 101;
    if (!b.incoming.is_complete() || is_upgrade || core_.draining) keep_alive_ = false;
    framing_ = body_framing::length;
    if (has_body && !length) framing_ = b.x.head.http_1_0 ? body_framing::until_close : body_framing::chunked;
    if (framing_ == body_framing::until_close) keep_alive_ = false;

    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(status));
    out.append(" ").append(reason_phrase(status)).append("\r\n").append(lines);
    const auto& strict = core_.routes.strict_transport();
    // Whoever answers for a host of its own may know better; of two, browsers take the first.
    if (b.x.is_encrypted && !strict.empty() && !names(lines, strict_transport_field))
        out.append(strict_transport_field).append(": ").append(strict).append("\r\n");
    if (framing_ == body_framing::chunked) out.append("Transfer-Encoding: chunked\r\n");
    if (length && framing_ == body_framing::length && !is_upgrade) {
        out.append("Content-Length: ");
        append_number(out, *length);
        out.append("\r\n");
    }
    if (is_upgrade)
        out.append("Connection: upgrade\r\n\r\n");
    else if (!keep_alive_)
        out.append("Connection: close\r\n\r\n");
    else
        out.append(b.x.head.http_1_0 ? "Connection: keep-alive\r\n\r\n" : "\r\n");
    b.x.relayed_status = status;
}

void connection::relay(std::string_view piece) {
    if (!ending_.may_send() || piece.empty()) return;
    auto& out = block_->out;
    streamed_bytes_ += piece.size();
    const bool chunked = framing_ == body_framing::chunked;
    if (chunked) append_chunk_size(out, piece.size());
    std::size_t sent = 0;
    if (out.size() + piece.size() > copied_body_bytes) {
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(out), asio::buffer(piece)};
        boost::system::error_code ec;
        sent = http::write_now(socket_, pieces, ec);
        if (ec && ec != asio::error::would_block) ending_.lose_client();
        const auto of_out = std::min(sent, out.size());
        out.erase(0, of_out);
        sent -= of_out;
    }
    out.append(piece.substr(sent));
    if (chunked) out.append("\r\n");
}

// Within a drain the sweep ends it: Asio lets the failure of a coroutine that is cancelled before its first
// wait out of the loop.
void connection::end_at_drain() { ends_at_drain_ = true; }

std::string connection::take_ahead() {
    auto& b = *block_;
    std::string ahead(b.in.data() + b.unread, b.have - b.unread);
    b.unread = b.have;
    return ahead;
}

// Past Asio, which takes the option back before it closes a socket that is not used any more.
void connection::close_by_reset() noexcept {
    const struct ::linger at_once { 1, 0 };
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// What was cut off must not look complete: neither by a last chunk nor, where the close would be the end, by
// an orderly one.
connection::step connection::end_relay() {
    auto& b = *block_;
    const bool whole = b.x.relayed_whole;
    if (whole && framing_ == body_framing::chunked) b.out.append(last_chunk);
    if (!whole) {
        keep_alive_ = false;
        ending_.cut_off_answer();
        b.incoming.complete();  // nothing is to be heard out
        if (framing_ == body_framing::until_close) close_by_reset();
    }
    record(b.x.relayed_status, streamed_bytes_);
    return ending_.may_send() ? after_answer() : step::close;
}

}  // namespace distd::http

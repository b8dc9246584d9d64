#include "http/server/response_sender.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

#include "http/message/chunked.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

response_sender::started response_sender::start(response&& r, const exchange& x, bool keep_alive,
                                                std::string_view date, gzipped_texts& texts) {
    const auto written = write_head(out_, r, x, keep_alive, date, texts);
    framing_ = written.framing;
    streamed_bytes_ = 0;
    if (!written.sends_body) return {};
    if (std::holds_alternative<stream_body>(r.body())) {
        answer_ = std::move(r);
        return {.is_streamed = true};
    }
    const auto size = body_bytes(r).size();
    if (size > max_copied_bytes) {
        answer_ = std::move(r);
        body_left_ = body_bytes(answer_);
        shared_body_ = std::get_if<shared_text>(&answer_.body());
    } else {
        out_.append(body_bytes(r));
    }
    return {.body_bytes = size};
}

void response_sender::start_relayed(const relayed_head& h, const exchange& x, bool keep_alive,
                                    std::string_view strict_transport) {
    framing_ = write_relayed_head(out_, h, x, keep_alive, strict_transport);
    streamed_bytes_ = 0;
}

void response_sender::append(const body_piece& piece) {
    const std::string_view shared = piece.shared ? std::string_view(*piece.shared) : std::string_view();
    const std::string_view end = piece.ends_event ? "\n\n" : "";
    const auto size = piece.own.size() + shared.size() + end.size();
    const bool chunked = framing_ == body_framing::chunked;
    streamed_bytes_ += size;
    if (chunked) append_chunk_size(out_, size);
    if (size <= max_copied_bytes) {
        out_.append(piece.own).append(shared).append(end);
        if (chunked) out_.append("\r\n");
        return;
    }
    if (piece.shared) {
        out_.append(piece.own);
        shared_body_ = &piece.shared;
    }
    body_left_ = piece.shared ? shared : std::string_view(piece.own);
    if (piece.ends_event)
        end_left_ = chunked ? "\n\n\r\n" : "\n\n";
    else
        end_left_ = chunked ? "\r\n" : "";
}

void response_sender::relay(std::string_view piece, stream_socket& socket, ending& e) {
    if (!e.may_send() || piece.empty()) return;
    streamed_bytes_ += piece.size();
    const bool chunked = framing_ == body_framing::chunked;
    if (chunked) append_chunk_size(out_, piece.size());
    std::size_t sent = 0;
    if (out_.size() + piece.size() > max_copied_bytes) {
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(out_), asio::buffer(piece)};
        error_code ec;
        sent = http::write_now(socket, pieces, ec);
        if (ec && ec != asio::error::would_block) e.lose_client();
        const auto of_out = std::min(sent, out_.size());
        out_.erase(0, of_out);
        sent -= of_out;
    }
    out_.append(piece.substr(sent));
    if (chunked) out_.append("\r\n");
}

void response_sender::end_body() {
    if (framing_ == body_framing::chunked) out_.append(last_chunk);
}

bool response_sender::write_now(stream_socket& socket, ending& e) {
    if (has_body_left()) return false;
    if (out_.empty()) return true;
    error_code ec;
    const auto n = http::write_now(socket, asio::buffer(out_), ec);
    if (ec && ec != asio::error::would_block) {
        e.lose_client();
        return false;
    }
    if (!ec && n == out_.size()) {
        out_.clear();
        return true;
    }
    if (!ec) out_.erase(0, n);
    return false;
}

response_sender::unsent_bytes response_sender::unsent() const noexcept {
    return {asio::buffer(out_.data() + sent_, out_.size() - sent_),
            asio::buffer(body_left_.data(), body_left_.size()),
            asio::buffer(end_left_.data(), end_left_.size())};
}

void response_sender::take_off(std::size_t n) noexcept {
    const auto of_out = std::min(n, out_.size() - sent_);
    sent_ += of_out;
    n -= of_out;
    const auto of_body = std::min(n, body_left_.size());
    body_left_.remove_prefix(of_body);
    end_left_.remove_prefix(n - of_body);
}

void response_sender::forget_unsent() noexcept {
    out_.clear();
    sent_ = 0;
    body_left_ = end_left_ = {};
    shared_body_ = nullptr;
}

std::uint64_t response_sender::bytes_in_use() const noexcept {
    const auto* own = std::get_if<std::string>(&answer_.body());
    return out_.capacity() + (own ? own->capacity() : 0) + held_bytes_;
}

void response_sender::reset() noexcept {
    answer_ = response();
    out_.clear();
    held_bytes_ = 0;
}

void response_sender::shrink_to(std::size_t bytes) noexcept {
    if (out_.capacity() > bytes) std::string().swap(out_);
}

}  // namespace distd::http

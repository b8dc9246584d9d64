#include "http/server/request_body.hpp"

#include <algorithm>

#include "http/server/server_setup.hpp"

namespace distd::http {

void request_body::start(const request_head& head, steady_point now) {
    state_ = !head.has_body() ? state::complete : head.chunked ? state::chunked : state::sized;
    left_ = head.content_length.value_or(0);
    seen_ = 0;
    chunks_ = {};
    began_ = now;
    promised_.reset();
    running_.reset();
}

std::optional<std::string_view> request_body::whole_in(std::string_view raw) noexcept {
    if (state_ != state::sized || raw.size() < left_) return std::nullopt;
    const auto all = raw.substr(0, static_cast<std::size_t>(left_));
    left_ = 0;
    state_ = state::complete;
    return all;
}

result<std::string_view> request_body::take(std::string_view& raw, std::uint64_t limit) {
    std::string_view piece;
    if (state_ == state::sized) {
        piece = raw.substr(0, max_read(raw.size()));
        raw.remove_prefix(piece.size());
        left_ -= piece.size();
        if (left_ == 0) state_ = state::complete;
    } else if (state_ == state::chunked) {
        const auto fed = chunks_.feed(raw);
        raw.remove_prefix(fed.consumed);
        piece = fed.piece;
        if (fed.now == chunked_decoder::state::bad) return errc::invalid;
        if (fed.now == chunked_decoder::state::done) state_ = state::complete;
    }
    seen_ += piece.size();
    if (seen_ > limit) return errc::overloaded;
    return piece;
}

std::size_t request_body::max_read(std::size_t room) const noexcept {
    if (state_ != state::sized) return room;
    return static_cast<std::size_t>(std::min<std::uint64_t>(room, left_));
}

bool request_body::is_as_promised(std::string_view piece) {
    if (!promised_) return true;
    if (!running_) running_.emplace();
    running_->add(piece);
    return !is_complete() || is_same(*promised_, running_->finish());
}

bool request_body::is_as_promised_whole(std::string_view body) const {
    return !promised_ || is_same(*promised_, sha256(body));
}

bool request_body::is_too_slow(steady_point now, const server_setup& setup, bool is_gathered) const noexcept {
    const auto taken = std::chrono::duration_cast<milliseconds>(now - began_);
    const auto counted = taken - setup.body_deadline;
    if (counted.count() <= 0) return false;
    if (is_gathered && taken > setup.gather_deadline) return true;
    return seen_ * 1000 < setup.min_body_rate * static_cast<std::uint64_t>(counted.count());
}

}  // namespace distd::http

#include "http/server/request_input.hpp"

#include <cstring>

#include "base/assert.hpp"

namespace distd::http {
namespace {

constexpr std::size_t min_body_room = 8 * 1024;

}  // namespace

void request_input::assign(std::string_view bytes) noexcept {
    clear();
    have_ = bytes.copy(in_.data(), in_.size());
}

void request_input::reset() noexcept {
    reader_.reset();
    clear();
}

head_reader::state request_input::read_head(request_head& head) {
    const std::string_view bytes(in_.data() + begin_, have_ - begin_);
    const auto state = reader_.read(bytes, head);
    if (state == head_reader::state::complete) head_end_ = unread_ = begin_ + reader_.size();
    if (state == head_reader::state::incomplete && begin_ > 0) shift_to_front();
    return state;
}

void request_input::begin_next() noexcept {
    reader_.reset();
    begin_ = unread_;
}

bool request_input::is_short_of_room() const noexcept {
    return begin_ > 0 && in_.size() - head_end_ < min_body_room;
}

void request_input::move_to_front(request_head& head) {
    shift_to_front();
    reader_.reset();
    DISTD_ASSERT(read_head(head) == head_reader::state::complete);
}

void request_input::shift_to_front() noexcept {
    have_ -= begin_;
    std::memmove(in_.data(), in_.data() + begin_, have_);
    begin_ = 0;
}

std::span<char> request_input::body_room() noexcept {
    unread_ = have_ = head_end_;
    return room();
}

void request_input::end_request() noexcept {
    if (unread_ == have_) unread_ = have_ = begin_;
}

}  // namespace distd::http

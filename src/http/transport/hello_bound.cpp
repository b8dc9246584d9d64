#include "http/transport/hello_bound.hpp"

#include <algorithm>

namespace distd::http {
namespace {

// Records that may stand between two hellos: where the first one asked for another group, OpenSSL passes over
// the data that a client sent early.
constexpr unsigned char change_cipher_spec = 20;
constexpr unsigned char application_data = 23;
constexpr unsigned char handshake = 22;
constexpr unsigned char client_hello = 1;

template <class Number>
void take_off(std::string_view& text, Number& left) noexcept {
    const auto n = std::min<std::size_t>(text.size(), left);
    text.remove_prefix(n);
    left = static_cast<Number>(left - n);
}

}  // namespace

bool hello_bound::take(std::string_view bytes) noexcept {
    while (!bytes.empty() && !is_over_) {
        if (record_left_ > 0) {
            const auto part = bytes.substr(0, record_left_);
            take_off(bytes, record_left_);
            if (is_handshake_ && !take_of_record(part)) return false;
            continue;
        }
        record_head_[record_head_size_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (record_head_size_ < record_head_.size()) continue;
        record_head_size_ = 0;
        record_left_ = static_cast<std::uint16_t>(record_head_[3] << 8 | record_head_[4]);
        is_handshake_ = record_head_[0] == handshake;
        is_over_ =
            !is_handshake_ && record_head_[0] != change_cipher_spec && record_head_[0] != application_data;
    }
    return true;
}

// A message may be spread over any number of records.
bool hello_bound::take_of_record(std::string_view part) noexcept {
    while (!part.empty() && !is_over_) {
        if (message_left_ > 0) {
            take_off(part, message_left_);
            continue;
        }
        message_head_[message_head_size_++] = static_cast<unsigned char>(part.front());
        part.remove_prefix(1);
        if (message_head_size_ < message_head_.size()) continue;
        message_head_size_ = 0;
        is_over_ = message_head_[0] != client_hello;
        message_left_ =
            static_cast<std::uint32_t>(message_head_[1] << 16 | message_head_[2] << 8 | message_head_[3]);
        if (!is_over_ && message_left_ > max_bytes) return false;
    }
    return true;
}

}  // namespace distd::http

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

}  // namespace

bool hello_bound::take(std::string_view bytes) noexcept {
    while (!bytes.empty() && !is_over_) {
        const auto part = records_.take(bytes);
        if (part.empty()) continue;
        const auto type = records_.type();
        if (type == handshake && !take_of_record(part)) return false;
        is_over_ = is_over_ || (type != handshake && type != change_cipher_spec && type != application_data);
    }
    return true;
}

// A message may be spread over any number of records.
bool hello_bound::take_of_record(std::string_view part) noexcept {
    while (!part.empty() && !is_over_) {
        if (message_left_ > 0) {
            const auto n = std::min<std::size_t>(part.size(), message_left_);
            part.remove_prefix(n);
            message_left_ -= static_cast<std::uint32_t>(n);
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

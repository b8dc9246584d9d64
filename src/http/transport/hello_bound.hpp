// Looks along while a client shakes hands: how long it says that its hello is. OpenSSL takes up to 128 KiB,
// as memory that is charged to nobody. And the work that it has with one grows with its length squared: it
// compares each group that is offered with each share of a key. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "http/transport/record_walk.hpp"

namespace distd::http {

class hello_bound {
public:
    // Hellos have some hundred bytes, those with a post-quantum share less than 3 KiB. One of 8 KiB takes up
    // to a millisecond, one of 16 KiB more than two.
    static constexpr std::uint32_t max_bytes = 8 * 1024 - 4;

    // The next bytes of the client. False: it announces more than that.
    [[nodiscard]] bool take(std::string_view bytes) noexcept;

private:
    [[nodiscard]] bool take_of_record(std::string_view part) noexcept;

    record_walk records_;
    std::array<unsigned char, 4> message_head_{};
    std::uint8_t message_head_size_ = 0;
    std::uint32_t message_left_ = 0;
    bool is_over_ = false;  // what comes now is no hello, or cannot be read by others
};

}  // namespace distd::http

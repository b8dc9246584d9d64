// Looks along while a client shakes hands: how long it says that its hello is. OpenSSL sets aside as much as
// is announced, up to 128 KiB, before any of it has come, so that a few bytes on each of many connections
// would take memory that is charged to nobody. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace distd::http {

class hello_bound {
public:
    // The most that OpenSSL has room for anyway. Hellos have some hundred bytes, and few more than 2 KiB.
    static constexpr std::uint32_t max_bytes = 16 * 1024 - 4;

    // The next bytes of the client. False: it announces more than that.
    [[nodiscard]] bool take(std::string_view bytes) noexcept;

private:
    [[nodiscard]] bool take_of_record(std::string_view part) noexcept;

    std::array<unsigned char, 5> record_head_{};
    std::array<unsigned char, 4> message_head_{};
    std::uint8_t record_head_size_ = 0;
    std::uint8_t message_head_size_ = 0;
    std::uint16_t record_left_ = 0;
    std::uint32_t message_left_ = 0;
    bool is_handshake_ = false;  // that record
    bool is_over_ = false;       // what comes now is no hello, or cannot be read by others
};

}  // namespace distd::http

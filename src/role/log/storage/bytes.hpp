// Numbers and texts in a run of bytes: little-endian, varints of seven bits to the byte. Pure.
// Throws damaged_bytes on truncated or impossible input; never reads out of bounds.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace distd::logs {

// Stored bytes that are not what was written.
class damaged_bytes : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

void put_u32(std::string& out, std::uint32_t);
void put_u64(std::string& out, std::uint64_t);
void put_varint(std::string& out, std::uint64_t);
void put_text(std::string& out, std::string_view);  // its length, then it

// Small for small numbers of either sign.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t n) noexcept {
    return (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
}
[[nodiscard]] constexpr std::int64_t from_zigzag(std::uint64_t n) noexcept {
    return static_cast<std::int64_t>((n >> 1) ^ (~(n & 1) + 1));
}

[[nodiscard]] std::uint32_t checksum(std::string_view) noexcept;  // CRC-32

class byte_reader {
public:
    explicit byte_reader(std::string_view bytes) noexcept : rest_(bytes) {}

    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    std::uint64_t varint();
    // A varint that counts or measures something: over `most` it is damage.
    std::size_t count(std::uint64_t max);
    std::string_view bytes(std::size_t size);
    std::string_view text(std::size_t max) { return bytes(count(max)); }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }

private:
    std::string_view rest_;
};

}  // namespace distd::logs

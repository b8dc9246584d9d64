#include "role/log/storage/bytes.hpp"

#include <zlib.h>

namespace distd::logs {
namespace {

template <class Number>
void put_fixed(std::string& out, Number n) {
    for (std::size_t i = 0; i < sizeof n; ++i) out += static_cast<char>((n >> (8 * i)) & 0xff);
}

template <class Number>
Number read_fixed(std::string_view bytes) {
    Number n = 0;
    for (std::size_t i = 0; i < sizeof n; ++i)
        n |= static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return n;
}

}  // namespace

void put_u32(std::string& out, std::uint32_t n) { put_fixed(out, n); }
void put_u64(std::string& out, std::uint64_t n) { put_fixed(out, n); }

void put_varint(std::string& out, std::uint64_t n) {
    for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
    out += static_cast<char>(n);
}

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out += text;
}

std::uint32_t checksum(std::string_view bytes) noexcept {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string_view byte_reader::bytes(std::size_t size) {
    if (size > rest_.size()) throw damaged_bytes("ends too early");
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::uint8_t byte_reader::u8() { return static_cast<std::uint8_t>(bytes(1).front()); }
std::uint32_t byte_reader::u32() { return read_fixed<std::uint32_t>(bytes(sizeof(std::uint32_t))); }
std::uint64_t byte_reader::u64() { return read_fixed<std::uint64_t>(bytes(sizeof(std::uint64_t))); }

std::uint64_t byte_reader::varint() {
    std::uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto b = u8();
        n |= static_cast<std::uint64_t>(b & 0x7f) << shift;
        if (b < 0x80) return n;
    }
    throw damaged_bytes("a number does not end");
}

std::size_t byte_reader::count(std::uint64_t max) {
    const auto n = varint();
    if (n > max) throw damaged_bytes("a count of " + std::to_string(n) + " cannot be");
    return static_cast<std::size_t>(n);
}

}  // namespace distd::logs

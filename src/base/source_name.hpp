// Which client an address stands for, wherever clients are counted, limited or paced: the one definition for
// the server, the gateway, the registry and the log service. Pure.
#pragma once

#include <array>
#include <string_view>

namespace distd {

// All of loopback: any local process may send from any address of 127.0.0.0/8.
inline constexpr std::string_view loopback_source = "loopback";

// An IPv4 address is a source. Of an IPv6 address the first 64 bits are, since one machine has as many
// addresses below them as it likes; one that maps an IPv4 address (::ffff:192.0.2.1) is that IPv4 address.
// Loopback is one source. Any other text is a source by itself.
class source_name {
public:
    explicit source_name(std::string_view address);  // which outlives this
    source_name(const source_name&) = delete;
    source_name& operator=(const source_name&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    std::array<char, 48> own_;  // where the text is not a part of the address: nothing is allocated
    std::string_view text_;
};

}  // namespace distd

#include "base/source_name.hpp"

#include <arpa/inet.h>

#include <cstring>

namespace distd {

source_name::source_name(std::string_view address) : text_(address) {
    if (address.starts_with("127.")) text_ = loopback_source;
    const auto bare = address.substr(0, address.find('%'));
    if (bare.find(':') == bare.npos || bare.size() >= own_.size()) return;
    bare.copy(own_.data(), bare.size());
    own_[bare.size()] = '\0';
    in6_addr bytes{};
    if (::inet_pton(AF_INET6, own_.data(), &bytes) != 1) return;
    if (IN6_IS_ADDR_LOOPBACK(&bytes)) {
        text_ = loopback_source;
        return;
    }
    const auto size = static_cast<socklen_t>(own_.size());
    if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
        const bool is_loopback = bytes.s6_addr[12] == 127;
        text_ = is_loopback ? loopback_source : ::inet_ntop(AF_INET, bytes.s6_addr + 12, own_.data(), size);
        return;
    }
    std::memset(bytes.s6_addr + 8, 0, 8);
    text_ = ::inet_ntop(AF_INET6, &bytes, own_.data(), size);
}

}  // namespace distd

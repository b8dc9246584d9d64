#include "role/registry/url_place.hpp"

#include <utility>

#include "base/ip_address.hpp"
#include "http/message/url.hpp"

namespace distd::registry {

url_place::url_place(const std::string& url) {
    auto where = http::split_peer_url(url);
    if (!where) return;
    host = std::move(where->host);
    address = parse_ip_address(host);
}

}  // namespace distd::registry

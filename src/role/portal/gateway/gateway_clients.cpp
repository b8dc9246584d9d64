#include "role/portal/gateway/gateway_clients.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/ascii.hpp"
#include "base/source_name.hpp"
#include "role/address_setting.hpp"
#include "role/portal/gateway/gateway_settings.hpp"

namespace distd::portal {

gateway_clients::gateway_clients(const settings& config, metrics& m)
    : rate_(static_cast<double>(config.integer("portal-gateway-rate")),
            static_cast<double>(
                std::max(config.integer("portal-gateway-burst"), config.integer("portal-gateway-rate")))),
      key_header_(key_header_in(config)),
      trusted_(addresses_in(config, proxies_setting)),
      limited_(m.count("distd_gateway_limited_total", "Requests over their client's rate")) {}

bool gateway_clients::trusts(std::string_view peer) const {
    if (!trusted_) return false;
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(std::string(peer), ec);
    return !ec && trusted_->allows(address);
}

seconds gateway_clients::take_from_rate(const http::exchange& x, steady_point now) {
    if (!key_header_.empty())
        if (const auto key = x.head.find(key_header_); !key.empty()) return rate_.take(key, now);
    return rate_.take(source_name(address_of(x)).text(), now);
}

std::string_view gateway_clients::address_of(const http::exchange& x) const {
    if (!trusts(x.remote)) return x.remote;
    // A proxy may add a line of its own to what its client sent: the last one is its word.
    std::string_view chain;
    for (const auto& f : x.head.fields)
        if (http::equal_ignoring_case(f.name, "X-Forwarded-For")) chain = f.value;
    const auto comma = chain.rfind(',');
    auto last = comma == chain.npos ? chain : chain.substr(comma + 1);
    last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
    return last.empty() ? x.remote : last;
}

std::optional<gateway_failure> gateway_clients::judge_rate(const http::exchange& x, steady_point now) {
    if (!rate_.is_on()) return std::nullopt;
    const auto wait = take_from_rate(x, now);
    if (wait == seconds(0)) return std::nullopt;
    limited_.add();
    return gateway_failure{429, "This client exceeds its rate limit.", "client", "rate_limited", wait};
}

}  // namespace distd::portal

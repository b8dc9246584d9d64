#include "role/registry/call_targets.hpp"

#include <utility>

#include "base/ip_address.hpp"
#include "http/message/url.hpp"

namespace distd::registry {
call_targets::call_targets(std::optional<http::address_filter> chosen, std::function<bool()> is_exposed)
    : chosen_(std::move(chosen)), is_exposed_(std::move(is_exposed)) {}

const http::address_filter& call_targets::filter() const {
    return chosen_ ? *chosen_ : http::address_filter::usual(is_exposed_());
}

bool call_targets::may_call(const boost::asio::ip::address& a) const { return filter().allows(a); }

std::string call_targets::problem_with(const registration& r, const url_place& where) const {
    auto problem = problem_with_url(r.update_url, "ServiceUpdateURL");
    if (problem.empty()) problem = problem_with_url(r.heartbeat_url, "HeartbeatURL");
    if (!problem.empty()) return problem;
    // We do not call it, but whoever reads of it will.
    return where.address ? problem_with_address(*where.address, "ServiceURL") : std::string();
}

std::string call_targets::problem_with_url(const std::string& url, std::string_view field) const {
    const auto about = [&](const std::string& sentence) { return std::string(field) + ": " + sentence; };
    if (url.empty()) return {};
    std::string error;
    const auto where = http::split_peer_url(url, error);
    if (!where) return about(error);
    // Of a name nothing is known yet.
    const auto literal = parse_ip_address(where->host);
    return literal ? problem_with_address(*literal, field) : std::string();
}

std::string call_targets::problem_with_address(const boost::asio::ip::address& a,
                                               std::string_view field) const {
    if (may_call(a)) return {};
    const auto address = a.to_string();
    return std::string(field) + ": " +
           (address + " is not an address that this registry calls; it calls " + filter().text() + ". --" +
            allow_setting + "=" + filter().text() + "," + address + " would allow it");
}

}  // namespace distd::registry

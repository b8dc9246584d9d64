#include "sdk/process/registered_address.hpp"

#include <utility>

#include "http/transport/tls_context.hpp"
#include "sdk/process/listening_place.hpp"

namespace distd {

registered_address::registered_address(std::shared_ptr<const http::tls_client> trust,
                                       std::shared_ptr<const http::tls_server> shown, time_source& time,
                                       logger log)
    : trust_(std::move(trust)), shown_(std::move(shown)), time_(time), log_(std::move(log)) {}

// Why this process, as a client, would not take the certificate that it shows there; empty: it would.
std::string registered_address::distrust_at(const std::string& host) const {
    return trust_->distrust(shown_->shown_to(host), host, time_.wall());
}

std::string registered_address::choose(const place& p) const {
    if (!p.advertise.empty()) return p.advertise;
    if (!p.tls) return url_of(p.plain);
    const auto host = host_of(*p.tls);
    const auto reason = distrust_at(host);
    if (reason.empty()) return url_of(*p.tls, "https://");
    log_.info("registered_without_tls", {{"service", p.label}, {"host", host}, {"reason", reason}});
    return url_of(p.plain);
}

void registered_address::judge_again(const place& p, const std::string& url) const {
    if (!p.advertise.empty() || !p.tls || !url.starts_with("https://")) return;
    if (const auto reason = distrust_at(host_of(*p.tls)); !reason.empty())
        log_.warn("registered_address_not_trusted", {{"service", p.label}, {"url", url}, {"reason", reason}});
}

}  // namespace distd

#include "role/registry/core/host_pacer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"

namespace distd::registry {
namespace {

constexpr seconds max_burst{1};  // of probes to one host, after a time without any
constexpr std::size_t loopback_factor = 10;

std::string host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    const bool is_v6 = url.starts_with('[');
    return ascii::lowered(
        std::string(is_v6 ? url.substr(1, url.find(']') - 1) : url.substr(0, url.find(':'))));
}

bool is_loopback(std::string_view host) {
    const bool is_v4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
           (is_v4 && host.starts_with("127."));
}

}  // namespace

steady_point host_pacer::place::next_turn(steady_point now) noexcept {
    if (!host_ || std::exchange(is_reserved_, false)) return steady_point::min();
    const auto turn = std::max(host_->next, now - max_burst);
    host_->next = turn + host_->gap;
    is_reserved_ = turn > now;
    return is_reserved_ ? turn : steady_point::min();
}

host_pacer::place host_pacer::place_at(std::string_view heartbeat_url) {
    place p;
    if (max_per_second_ == 0) return p;
    const auto host = host_of(heartbeat_url);
    auto& known = hosts_[host];
    p.host_ = known.lock();
    if (p.host_) return p;
    const auto allowed = max_per_second_ * (is_loopback(host) ? loopback_factor : 1);
    p.host_ = std::make_shared<pace>();
    p.host_->gap = std::chrono::duration_cast<steady_point::duration>(seconds(1)) /
                   static_cast<steady_point::rep>(allowed);
    known = p.host_;
    forget_unused();
    return p;
}

// Each time that there are twice as many as were left the last time: then a host costs two looks on average.
void host_pacer::forget_unused() {
    if (hosts_.size() < forget_at_) return;
    std::erase_if(hosts_, [](const auto& h) { return h.second.expired(); });
    forget_at_ = 2 * hosts_.size() + 64;
}

}  // namespace distd::registry

#include "role/registry/core/host_pacer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/ip_address.hpp"
#include "base/source_name.hpp"

namespace distd::registry {
namespace {

constexpr seconds max_burst{1};  // of probes to one host, after a time without any
constexpr std::size_t loopback_factor = 10;

std::string host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    const bool is_v6 = url.starts_with('[');
    auto host = is_v6 ? url.substr(1, url.find(']') - 1) : url.substr(0, url.find(':'));
    if (is_localhost(host)) return std::string(loopback_source);
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto name = ascii::lowered(std::string(host));
    return parse_ip_address(name) ? std::string(source_name(name).text()) : name;
}

bool is_address(const std::string& host) {
    return host == loopback_source || parse_ip_address(host).has_value();
}

}  // namespace

steady_point host_pacer::place::next_turn(steady_point now) noexcept {
    if (!host_ || std::exchange(is_reserved_, false)) return steady_point::min();
    auto turn = std::max(host_->next, now - max_burst);
    for (const auto& h : host_->leads_to) turn = std::max(turn, h->next);
    host_->next = turn + host_->gap;
    for (const auto& h : host_->leads_to) h->next = turn + h->gap;
    is_reserved_ = turn > now;
    return is_reserved_ ? turn : steady_point::min();
}

host_pacer::place host_pacer::place_at(std::string_view url) {
    place p;
    if (max_per_second_ > 0) p.host_ = find_or_add(host_of(url));
    return p;
}

std::shared_ptr<host_pacer::host> host_pacer::find_or_add(const std::string& name) {
    auto& known = hosts_[name];
    if (auto found = known.lock()) return found;
    const auto allowed = max_per_second_ * (name == loopback_source ? loopback_factor : 1);
    auto made = std::make_shared<host>();
    made->is_name = !is_address(name);
    made->gap = std::chrono::duration_cast<steady_point::duration>(seconds(1)) /
                static_cast<steady_point::rep>(allowed);
    known = made;
    forget_unused();
    return made;
}

void host_pacer::leads_to(place& p, const addresses& found) {
    if (!p.is_name()) return;
    std::vector<std::shared_ptr<host>> hosts;
    for (const auto& a : found) {
        auto h = find_or_add(std::string(source_name(a.to_string()).text()));
        if (std::ranges::find(hosts, h) == hosts.end()) hosts.push_back(std::move(h));
    }
    p.host_->leads_to = std::move(hosts);
}

bool host_pacer::take_one(std::string_view url, const addresses& found, steady_point now) {
    auto p = place_at(url);
    if (!p.host_) return true;
    leads_to(p, found);
    while (!visited_.empty() && now - visited_.front().first > 2 * max_burst) visited_.pop_front();
    const auto is_due = [now](const auto& h) { return h->next <= now; };
    if (!is_due(p.host_) || !std::ranges::all_of(p.host_->leads_to, is_due)) return false;
    static_cast<void>(p.next_turn(now));
    visited_.emplace_back(now, std::move(p));
    return true;
}

// Each time that there are twice as many as were left the last time: then a host costs two looks on average.
void host_pacer::forget_unused() {
    if (hosts_.size() < forget_at_) return;
    std::erase_if(hosts_, [](const auto& h) { return h.second.expired(); });
    forget_at_ = 2 * hosts_.size() + 64;
}

}  // namespace distd::registry

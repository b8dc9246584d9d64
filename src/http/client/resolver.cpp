#include "http/client/resolver.hpp"

#include <algorithm>

#include "base/ip_address.hpp"

namespace distd::http {

resolver::resolver(time_source& time, lookup look_up, limits max)
    : time_(time), lookup_(std::move(look_up)), state_(std::make_shared<state>()) {
    state_->max = max;
}

resolver::~resolver() = default;

std::optional<result<address_list>> resolver::known(const std::string& host) {
    using namespace boost::asio::ip;
    if (is_localhost(host)) return address_list{address_v4::loopback(), address_v6::loopback()};
    boost::system::error_code ec;
    const auto numeric = make_address(host, ec);
    if (!ec) return address_list{numeric};

    const auto found = state_->names.find(host);
    if (found == state_->names.end()) return std::nullopt;
    const auto now = time_.now();
    if (found->second.shown_until <= now) {
        state_->names.erase(found);
        return std::nullopt;
    }
    auto addresses = found->second.addresses;
    if (found->second.until <= now) static_cast<void>(begin(host));  // or with the next question
    if (addresses.empty()) return errc::unreachable;
    return addresses;
}

bool resolver::ask(const std::string& host, question& q) {
    if (!begin(host)) return false;
    state_->lookups.at(host).waiting.push_back(q);
    return true;
}

bool resolver::begin(const std::string& host) {
    if (state_->lookups.contains(host)) return true;
    // One whose addresses are in use is not refused for the sake of others: of these there are no more than
    // are remembered.
    const auto old = state_->names.find(host);
    const bool is_in_use = old != state_->names.end() && !old->second.addresses.empty();
    if (!is_in_use && state_->lookups.size() >= state_->max.lookups) return false;
    state_->lookups[host].since = time_.now();
    lookup_(host, [weak = std::weak_ptr(state_), host, &time = time_](found what) {
        if (const auto alive = weak.lock()) learned(*alive, host, std::move(what), time.now());
    });
    return true;
}

void resolver::learned(state& s, const std::string& host, found what, steady_point now) {
    const auto lookup = s.lookups.find(host);
    if (lookup == s.lookups.end()) return;
    const auto took = std::chrono::duration_cast<milliseconds>(now - lookup->second.since);
    waiting_list waiting;
    waiting.swap(lookup->second.waiting);
    s.lookups.erase(lookup);
    remember(s, host, std::move(what), took, now);
    while (!waiting.empty()) {
        auto& q = waiting.front();
        waiting.pop_front();
        q.answered();
    }
}

void resolver::remember(state& s, const std::string& host, found what, milliseconds took, steady_point now) {
    const auto pause = took < slow_after ? keep_failure_for : keep_slow_failure_for;
    const auto old = s.names.find(host);
    if (!what && old != s.names.end() && !old->second.addresses.empty() && old->second.shown_until > now) {
        old->second.until = now + pause;
        return;
    }
    if (s.names.size() >= s.max.names)
        std::erase_if(s.names, [&](const auto& n) { return n.second.until <= now; });
    if (s.names.size() >= s.max.names) {
        const auto by_age = [](const auto& a, const auto& b) { return a.second.until < b.second.until; };
        s.names.erase(std::min_element(s.names.begin(), s.names.end(), by_age));
    }
    if (what && !what->empty())
        s.names[host] = entry{std::move(*what), now + keep_for, now + keep_for + show_old_for};
    else
        s.names[host] = entry{{}, now + pause, now + pause};
}

}  // namespace distd::http

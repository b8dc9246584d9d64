#include "net/resolver.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

namespace distd::http {

resolver::resolver(time_source& time, lookup look_up, limits most)
    : time_(time), lookup_(std::move(look_up)), state_(std::make_shared<state>()) {
    state_->most = most;
}

resolver::~resolver() = default;

std::optional<result<address_list>> resolver::known(const std::string& host) {
    using namespace boost::asio::ip;
    if (host == "localhost" || host == "localhost.")
        return address_list{address_v4::loopback(), address_v6::loopback()};
    boost::system::error_code ec;
    const auto numeric = make_address(host, ec);
    if (!ec) return address_list{numeric};

    const auto found = state_->names.find(host);
    if (found == state_->names.end()) return std::nullopt;
    if (found->second.until <= time_.now()) {
        state_->names.erase(found);
        return std::nullopt;
    }
    if (found->second.addresses.empty()) return errc::unreachable;
    return found->second.addresses;
}

bool resolver::ask(const std::string& host, question& q) {
    const auto under_way = state_->lookups.find(host);
    if (under_way != state_->lookups.end()) {
        under_way->second.push_back(q);
        return true;
    }
    if (state_->lookups.size() >= state_->most.lookups) return false;
    state_->lookups[host].push_back(q);
    lookup_(host, [weak = std::weak_ptr(state_), host, &time = time_](address_list found) {
        if (const auto alive = weak.lock()) learned(*alive, host, std::move(found), time.now());
    });
    return true;
}

void resolver::learned(state& s, const std::string& host, address_list found, steady_point now) {
    if (s.names.size() >= s.most.names)
        std::erase_if(s.names, [&](const auto& n) { return n.second.until <= now; });
    if (s.names.size() >= s.most.names) {
        const auto by_age = [](const auto& a, const auto& b) { return a.second.until < b.second.until; };
        s.names.erase(std::min_element(s.names.begin(), s.names.end(), by_age));
    }
    const auto keep = found.empty() ? keep_failure_for : keep_for;
    s.names[host] = entry{std::move(found), now + keep};

    const auto lookup = s.lookups.find(host);
    if (lookup == s.lookups.end()) return;
    waiting_list waiting;
    waiting.swap(lookup->second);
    s.lookups.erase(lookup);
    while (!waiting.empty()) {
        auto& q = waiting.front();
        waiting.pop_front();
        q.answered();
    }
}

resolver::lookup system_lookup(executor ex) {
    using boost::asio::ip::tcp;
    using system_resolver = boost::asio::ip::basic_resolver<tcp, executor>;
    auto asker = std::make_shared<system_resolver>(ex);
    return [asker](const std::string& host, std::function<void(address_list)> done) {
        auto take = [done = std::move(done)](const boost::system::error_code&,
                                             const tcp::resolver::results_type& found) {
            address_list addresses;
            for (const auto& one : found) {
                const auto address = one.endpoint().address();
                const bool is_new = std::find(addresses.begin(), addresses.end(), address) == addresses.end();
                if (is_new && addresses.size() < 8) addresses.push_back(address);
            }
            done(std::move(addresses));
        };
        asker->async_resolve(host, "", tcp::resolver::numeric_service, std::move(take));
    };
}

}  // namespace distd::http

#include "role/portal/gateway/guarded_places.hpp"

#include <algorithm>
#include <utility>

namespace distd::portal {
namespace {

constexpr seconds look_up_patience{15};

}  // namespace

guarded_places::guarded_places(std::shared_ptr<http::client_core> core)
    : core_(std::move(core)), changed_(core_->loop, core_->time) {}

void guarded_places::guard(const std::vector<std::string>& urls) {
    const auto before = std::exchange(urls_, {});
    for (const auto& text : urls) {
        if (auto where = http::split_peer_url(text)) urls_.push_back(std::move(*where));
    }
    machine_ = http::local_addresses();
    places_.clear();
    for (const auto& where : urls_) add(where);
    const auto same_host = [](const auto& a, const auto& b) { return a.host == b.host; };
    if (!std::ranges::equal(before, urls_, same_host)) changed_.wake();
}

void guarded_places::add(const http::url& where) {
    places_.insert(machine_.place_of(where));
    const auto known = addresses_.find(where.host);
    if (known == addresses_.end()) return;
    for (const auto& address : known->second) places_.insert(machine_.place_of({address, where.port}));
}

bool guarded_places::contains(const http::url& where) const {
    return places_.contains(machine_.place_of(where));
}

bool guarded_places::contains(const boost::asio::ip::tcp::endpoint& where) const {
    return places_.contains(machine_.place_of(where));
}

task<> guarded_places::keep_looked_up() {
    for (;;) {
        std::set<std::string> hosts;
        for (const auto& where : urls_) hosts.insert(where.host);
        std::erase_if(addresses_, [&](const auto& known) { return !hosts.contains(known.first); });
        for (const auto& host : hosts)
            if (auto found = co_await look_up(host); !found.empty()) addresses_[host] = std::move(found);
        for (const auto& where : urls_) add(where);
        co_await changed_.wait_until(core_->time.now() + look_up_every);
    }
}

task<http::address_list> guarded_places::look_up(std::string host) {
    const auto deadline = core_->time.now() + look_up_patience;
    auto known = core_->names.known(host);
    if (!known) {
        alarm_clock bell(core_->loop, core_->time);
        http::resolver::question waiting([&bell] { bell.wake(); });
        if (core_->names.ask(host, waiting)) co_await bell.wait_until(deadline);
        known = core_->names.known(host);
    }
    if (!known || !*known) co_return http::address_list();
    co_return std::move(**known);
}

}  // namespace distd::portal

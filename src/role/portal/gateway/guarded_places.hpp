// Addresses that no visitor is led to, whoever registers them and by whatever name: this portal, the
// registries, and services that the portal needs and does not expose. Compared as what they stand for: host
// names among them are looked up, again and again, and a connection is judged by where it really leads.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/task.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "http/client/client_core.hpp"
#include "http/message/local_addresses.hpp"

namespace distd::portal {

class guarded_places {
public:
    static constexpr seconds look_up_every{30};

    explicit guarded_places(std::shared_ptr<http::client_core> core);

    void guard(const std::vector<std::string>& urls);
    [[nodiscard]] bool contains(const http::url&) const;
    [[nodiscard]] bool contains(const boost::asio::ip::tcp::endpoint&) const;

    // Runs for ever: looks up what has a name.
    [[nodiscard]] task<> keep_looked_up();

private:
    [[nodiscard]] task<http::address_list> look_up(std::string host);
    void add(const http::url&);

    std::shared_ptr<http::client_core> core_;
    http::local_addresses machine_;  // as of the last change
    std::vector<http::url> urls_;
    std::set<std::string> places_;
    // What names stood for when they were last found. Stays when a look-up fails.
    std::map<std::string, http::address_list> addresses_;
    alarm_clock changed_;
};

}  // namespace distd::portal

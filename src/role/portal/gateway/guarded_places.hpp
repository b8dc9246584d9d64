// Addresses that the gateway never connects to, whoever registers them and under whatever name: this portal,
// the registries, and dependencies of the portal that are not exposed. Compared by resolved address: host
// names among them are resolved periodically, and a connection is checked by its actual peer address.
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

    // Runs until cancelled: resolves the host names.
    [[nodiscard]] task<> keep_looked_up();

private:
    [[nodiscard]] task<http::address_list> look_up(std::string host);
    void add(const http::url&);

    std::shared_ptr<http::client_core> core_;
    http::local_addresses machine_;  // at the last change
    std::vector<http::url> urls_;
    std::set<std::string> places_;
    // The last resolved addresses. Kept when a look-up fails.
    std::map<std::string, http::address_list> addresses_;
    alarm_clock changed_;
};

}  // namespace distd::portal

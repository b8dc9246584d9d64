// The gateway's clients: who sent a request, also through a proxy in front, and how much each may send.
#pragma once

#include <distd/metrics.hpp>
#include <distd/settings.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/rate_limit.hpp"
#include "http/message/address_filter.hpp"
#include "http/server/exchange.hpp"
#include "role/portal/gateway/relay.hpp"

namespace distd::portal {

class gateway_clients {
public:
    gateway_clients(const settings&, metrics&);

    // Whether that is a proxy in front, whose word on its clients is believed.
    [[nodiscard]] bool trusts(std::string_view peer) const;
    // The client's address, as the peer or such a proxy has it.
    [[nodiscard]] std::string_view address_of(const http::exchange&) const;
    // Why the request is refused for its client's rate, if it is.
    [[nodiscard]] std::optional<gateway_failure> judge_rate(const http::exchange&, steady_point now);

private:
    // How long the client has to wait: by its key, where it has one, or else as the source of its address.
    [[nodiscard]] seconds take_from_rate(const http::exchange&, steady_point now);

    rate_limit rate_;
    const std::string key_header_;
    const std::optional<http::address_filter> trusted_;  // proxies in front
    counter& limited_;
};

}  // namespace distd::portal

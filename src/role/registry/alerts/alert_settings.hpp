// What an alert is to do: the value of a key `alerts/NAME` of the configuration, read and judged. Pure.
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message/url.hpp"
#include "role/registry/core/alert_message.hpp"

namespace distd::registry {

inline constexpr std::string_view alerts_directory = "alerts/";
inline constexpr std::size_t max_alerts = 32;

struct alert_settings {
    std::string url;
    std::array<bool, 4> on{true, true, true, true};  // by alert_kind
    std::vector<std::string> services{"*"};          // names; * stands for any text
    milliseconds after{30'000};                      // so long a loss, or its end, has to last
    milliseconds again{3'600'000};                   // between two messages that a service is lost; 0: never
    std::string method = "POST";
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body;  // with placeholders, see alert_text.hpp
    bool is_json = true;

    [[nodiscard]] bool is_about(alert_kind k) const noexcept { return on[static_cast<std::size_t>(k)]; }
    [[nodiscard]] bool names(std::string_view service) const noexcept;
};

// Nothing, and in `fault` which member is wrong, how, and what would be right.
[[nodiscard]] std::optional<alert_settings> read_alert(std::string_view value, std::string& fault);

// Of a name behind `alerts_directory`: what is wrong, or empty.
[[nodiscard]] std::string fault_in_alert_name(std::string_view name);

// Where alerts may be sent: operators write them, so to any host, but nowhere that no webhook is: not to
// link-local and multicast addresses nor to where clouds hand out credentials.
[[nodiscard]] bool may_be_sent_alerts(const boost::asio::ip::address&);

// As much of the URL as may be shown: its path and query are mostly a secret.
[[nodiscard]] std::string shown_url(std::string_view url);

}  // namespace distd::registry

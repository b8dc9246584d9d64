// A service's registration as it stands on the wire, in every spelling that peers use.
#pragma once

#include <distd/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

struct registration {
    std::string name;  // "ServiceName"
    std::string url;   // "ServiceURL", exactly as sent: peers compare it as a string
    std::vector<std::string> required_services;  // null or missing: none
    std::string update_url;                      // empty: wants no patches
    std::string heartbeat_url;                   // empty: nothing to probe

    friend bool operator==(const registration&, const registration&) = default;
};

// Nothing and a sentence in `error` when the text is not a registration (bad JSON, no name, no URL, control
// bytes, ...).
[[nodiscard]] std::optional<registration> parse_registration(std::string_view text, json_error& error);
[[nodiscard]] std::string to_wire(const registration&);

}  // namespace distd

// A service's registration as it stands on the wire, in every spelling that peers use.
#pragma once

#include <distd/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/registration_extras.hpp"

namespace distd {

struct registration {
    std::string name;  // "ServiceName"
    std::string url;   // "ServiceURL", exactly as sent: peers compare it as a string
    std::vector<std::string> required_services;  // null or missing: none
    std::string update_url;                      // empty: wants no patches
    std::string heartbeat_url;                   // empty: nothing to probe
    extras_ptr extras{};                         // null: a registration of the base protocol

    [[nodiscard]] const registration_extras& more() const noexcept {
        static const registration_extras none;
        return extras ? *extras : none;
    }
    friend bool operator==(const registration& a, const registration& b) {
        return a.name == b.name && a.url == b.url && a.required_services == b.required_services &&
               a.update_url == b.update_url && a.heartbeat_url == b.heartbeat_url && a.more() == b.more();
    }
};

// So many bytes it has, without what JSON puts around them.
[[nodiscard]] std::size_t size_of(const registration&);

// Nothing and a sentence in `error` when the text is not a registration (bad JSON, no name, no URL, control
// bytes, ...).
[[nodiscard]] std::optional<registration> parse_registration(std::string_view text, json_error& error);
// The added fields stand behind those of the base protocol, and only where they were sent.
[[nodiscard]] std::string to_wire(const registration&);
// The same behind what is there, without the closing brace: for lists, which say more of each.
void append_open_object(std::string& out, const registration&);

}  // namespace distd

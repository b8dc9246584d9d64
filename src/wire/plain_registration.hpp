// Fast path for registrations that have the base protocol's fields only, which most are: reads the text
// straight into them, without a JSON tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace distd::wire {

// The fields as they stand in the text, not validated.
struct registration_fields {
    std::string name;
    std::string url;
    std::vector<std::string> required_services;
    std::string update_url;
    std::string heartbeat_url;
};

// False for anything else (other members, a member twice, other types, no JSON): parse that text with
// `parse_json`, which says what is wrong with it.
[[nodiscard]] bool read_plain_registration(std::string_view text, registration_fields& out);

}  // namespace distd::wire

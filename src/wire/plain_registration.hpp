// The quick way to read a registration of the base protocol, which most are: straight from the text into its
// fields, without a tree of values in between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace distd::wire {

// The fields as they stand in the text, which nobody has judged yet.
struct registration_fields {
    std::string name;
    std::string url;
    std::vector<std::string> required_services;
    std::string update_url;
    std::string heartbeat_url;
};

// False for whatever is not plainly that: other members, a member twice, other types, or no JSON at all. It
// says nothing of such a text, which is to be read in the way that tells what is wrong with it.
[[nodiscard]] bool read_plain_registration(std::string_view text, registration_fields& out);

}  // namespace distd::wire

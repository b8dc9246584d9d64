// Fast path for registrations that have the base protocol's fields only, which most are: reads the text
// straight into them, without a JSON tree.
#pragma once

#include <string_view>

#include "wire/registration.hpp"

namespace distd::wire {

// Into an empty registration, not validated. False for anything else (other members, a member twice, other
// types, no JSON), with `out` half filled: parse that text with `parse_json`, which says what is wrong with
// it.
[[nodiscard]] bool read_plain_registration(std::string_view text, registration& out);

}  // namespace distd::wire

// A shipped record as a person reads it: `message key=value …`, what a log service of the base protocol gets
// behind the name of the service.
#pragma once

#include <string>
#include <string_view>

#include "sdk/log_shipping/plain_text.hpp"

namespace distd::test {

inline std::string record_text(std::string_view record) {
    constexpr std::string_view front = "[] - ";
    const auto text = plain_text(record, "").value_or("");
    return text.starts_with(front) ? text.substr(front.size(), text.size() - front.size() - 1) : text;
}

}  // namespace distd::test

// The body of an alert's message: a text with placeholders such as {{service}}. Pure.
#pragma once

#include <string>
#include <string_view>

#include "role/registry/core/alert_message.hpp"

namespace distd::registry {

// `text` is what Slack and its like show.
inline constexpr std::string_view default_alert_body =
    R"({"text":"{{service}} {{what}}: {{reason}}","service":"{{service}}","what":"{{what}}",)"
    R"("reason":"{{reason}}","for":"{{for}}","instances":"{{instances}}","console":"{{console}}"})";

// What is wrong with it, and what would be right; or empty. In JSON placeholders stand inside of strings.
[[nodiscard]] std::string fault_in_alert_body(std::string_view body, bool is_json);

// What is filled in is one line without control characters, in JSON with its escapes.
[[nodiscard]] std::string filled(std::string_view body, bool is_json, const alert_message&);

// How long what it tells of has lasted: "1m30s".
[[nodiscard]] std::string length_of(const alert_message&);

}  // namespace distd::registry

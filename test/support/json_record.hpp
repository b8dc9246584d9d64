// A record of JSON as the log service stores it, read by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "role/log/intake/record.hpp"

namespace distd::logs {

// Why it is refused; nothing: it was appended.
[[nodiscard]] inline std::optional<std::string> append_json_record(std::string& out, std::string_view text,
                                                                   const arrival& came,
                                                                   record_style style = record_style::ours) {
    return record_reader().append(out, text, came, style);
}

}  // namespace distd::logs

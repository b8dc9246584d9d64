// A header field that is a list may stand on several lines: proxies add one of their own to what a client
// sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message/request_head.hpp"

namespace distd::http {

// All lines of that name as the one list that they are, without those that say nothing; nothing when there is
// no line. `fields` are pairs of a name and a value.
template <class Fields>
[[nodiscard]] std::optional<std::string> joined_header(const Fields& fields, std::string_view name) {
    std::optional<std::string> list;
    for (const auto& [n, value] : fields) {
        if (n.size() != name.size() || !equal_ignoring_case(n, name)) continue;
        if (!list) list.emplace();
        if (!list->empty() && !value.empty()) list->append(", ");
        list->append(value);
    }
    return list;
}

}  // namespace distd::http

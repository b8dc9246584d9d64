// Why somebody wants a change, as its form says it.
#pragma once

#include <distd/http.hpp>
#include <string>

#include "ops/model/words.hpp"

namespace distd::ops::console {

// A line; empty: nobody said. So many characters are within the bytes that the registry takes.
[[nodiscard]] inline std::string asked_reason(const http::request& q) {
    constexpr std::size_t max_characters = 250;
    return one_line(q.form("reason").value_or(""), max_characters);
}

}  // namespace distd::ops::console

// What is asked is answered or refused: a parameter that a request cannot have is never passed over, since a
// misspelt filter would show, and a misspelt change would do, what nobody asked for.
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <span>
#include <string_view>

namespace distd {

struct known_parameter {
    std::string_view name;
    bool may_repeat = false;
};

// The answer of 400 to a request with any other parameter, or with one of them twice: it names the parameter
// and says what is known.
[[nodiscard]] std::optional<http::response> refuse_others(const http::request&,
                                                          std::span<const known_parameter> known);

}  // namespace distd

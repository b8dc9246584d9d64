// What is asked is answered or refused: a parameter that a request cannot have is never passed over, since a
// misspelt filter would show, and a misspelt change would do, what nobody asked for.
#pragma once

#include <cstdint>
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

// The answer of 400 to a parameter whose value is wrong, such as "range must be one of 1h and 24h".
[[nodiscard]] http::response wrong_parameter(std::string_view problem);

// The parameter `name` as a whole number; leaves `value` as it is where the request has none. The answer of
// 400, where it is no number from `min` to `max`.
[[nodiscard]] std::optional<http::response> read_number(const http::request&, std::string_view name,
                                                        std::int64_t min, std::int64_t max,
                                                        std::int64_t& value);

}  // namespace distd

// Numbers, times and lists as a person reads them. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops {

// The unit is shown smaller than its number.
struct quantity {
    std::string number;
    std::string unit;

    [[nodiscard]] std::string text() const;  // "118 ms"
    friend bool operator==(const quantity&, const quantity&) = default;
};

inline constexpr std::string_view nothing = "–";
inline constexpr std::string_view thin_space = "\u202f";  // does not break

[[nodiscard]] std::string grouped(std::int64_t);                                 // 2 318
[[nodiscard]] quantity as_rate(std::optional<double>);                           // 8.0 /s, 41 /s, 1.5 k/s
[[nodiscard]] quantity as_latency(double microseconds);                          // 0.4 ms, 118 ms, 2.01 s
[[nodiscard]] quantity as_latency(std::optional<double> microseconds);           // a dash: it is not known
[[nodiscard]] quantity as_percent(double part, double whole);                    // 0 %, 2.1 %
[[nodiscard]] quantity as_age(milliseconds);                                     // 4 s, 38 min, 3 h, 12 d
[[nodiscard]] std::string age_since(std::optional<wall_point>, wall_point now);  // empty: since nobody knows
[[nodiscard]] std::string counted(std::size_t, std::string_view one, std::string_view many);
[[nodiscard]] std::string number_word(std::size_t);                                  // one ... twelve, 13
[[nodiscard]] std::string listed(const std::vector<std::string>&, std::size_t max);  // a, b and 3 more

[[nodiscard]] std::string clock_of(wall_point);  // 14:07:22, UTC
[[nodiscard]] std::string day_of(wall_point);    // 2026-11-21

// One of so many colours that tell names apart: the same for a name in each process.
[[nodiscard]] std::size_t colour_of_name(std::string_view, std::size_t colours) noexcept;

// The text as one line without direction marks, with a space for each control character and U+FFFD for each
// byte that is no UTF-8, cut at so many characters.
[[nodiscard]] std::string one_line(std::string_view, std::size_t max_characters);
// The host of a URL, in any spelling that a registration may have; the text itself where there is none.
[[nodiscard]] std::string host_of(std::string_view url);
// A URL without its scheme.
[[nodiscard]] std::string_view without_scheme(std::string_view url);

}  // namespace distd::ops

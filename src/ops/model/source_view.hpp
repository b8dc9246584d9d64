// What a source tells: the last good value, the time that it is of, and in words why there is none now. Pure.
#pragma once

#include <distd/time.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace distd::ops {

// The trouble with a service of which there is none.
inline constexpr std::string_view no_instance = "no instance is registered";

template <class T>
struct source_view {
    std::shared_ptr<const T> good{};    // null: there has never been one
    std::optional<wall_point> as_of{};  // of `good`
    std::string trouble{};              // empty: `good` is what holds now

    [[nodiscard]] bool is_away() const noexcept { return !trouble.empty(); }
    // There has never been one, and none is registered: a system without it, and nothing wrong.
    [[nodiscard]] bool is_absent() const noexcept { return !as_of && trouble == no_instance; }
    [[nodiscard]] bool is_lost() const noexcept { return is_away() && !is_absent(); }
};

}  // namespace distd::ops

// What a source tells: the last good value, the time that it is of, and in words why there is none now. Pure.
#pragma once

#include <distd/time.hpp>
#include <memory>
#include <optional>
#include <string>

namespace distd::ops {

template <class T>
struct source_view {
    std::shared_ptr<const T> good{};    // null: there has never been one
    std::optional<wall_point> as_of{};  // of `good`
    std::string trouble{};              // empty: `good` is what holds now

    [[nodiscard]] bool is_away() const noexcept { return !trouble.empty(); }
};

}  // namespace distd::ops

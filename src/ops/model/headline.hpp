// The answer to "is anything wrong?", in words. Pure.
#pragma once

#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/system_overview.hpp"

namespace distd::ops {

// A part of the line below: the name of a service, what is said of it, and a time that the reader's clock
// shows.
struct headline_part {
    std::string service{};
    std::string text{};
    std::optional<wall_point> since{};
};

struct headline {
    std::string text;
    std::string_view tone;  // sick, well, or unknown
    std::vector<headline_part> parts;
    std::string title;    // of the browser's tab
    std::string state{};  // in it: "▲ 1 sick"; empty: nothing runs
};

// `away`: since when the registry's word is old, and why; nothing is said to be well then.
struct away_note {
    std::optional<wall_point> as_of;
    std::string reason;
};
[[nodiscard]] headline make_headline(const system_overview&, const std::vector<event>* events,
                                     const std::optional<away_note>& away, std::string_view range_words,
                                     wall_point now);

}  // namespace distd::ops

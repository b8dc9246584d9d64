// What happened, in words. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops {

struct event_words {
    std::string_view glyph;  // sick, held, drained, well, or dot
    std::string subject;     // the service; empty where it is none
    std::string key;         // the configuration's, where it is that
    std::string text;        // what follows
};

// What happened to an instance, or to the registry, behind its name: "drained by ana: disk swap". `type`: as
// the timeline has it; `lasted`: of a return, " after 3 s".
[[nodiscard]] std::string event_phrase(std::string_view type, std::string_view reason, std::string_view actor,
                                       std::string_view lasted);

// `all`: to find what came before it.
[[nodiscard]] event_words describe(const event&, const std::vector<event>& all);

// From a loss to the return: for the table below a health bar.
struct outage {
    std::string url;
    wall_point from{};
    std::optional<wall_point> to;  // nullopt: it still lasts
    std::string reason;
};
// Of one service, newest first.
[[nodiscard]] std::vector<outage> outages_of(std::string_view service, const std::vector<event>& all);

}  // namespace distd::ops

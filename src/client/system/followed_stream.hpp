// Follows a stream of a role for as long as somebody looks: when it breaks, says so and goes on where it was,
// so that no event is missing and none comes twice.
#pragma once

#include <functional>
#include <string>

#include "client/system/context.hpp"
#include "client/system/event_stream.hpp"

namespace distd::ops::client {

struct followed_stream {
    std::string whom;                                   // "the log service"
    std::function<task<std::string>()> find_address{};  // where it is now
    std::string path;
    std::string last_id;        // events come from behind it; "": from now on
    std::string unit = "line";  // of what `last_id` counts
    std::function<void(const stream_event&)> on_event{};
};

// Never returns; throws verb_failure when the role refuses the question.
[[nodiscard]] task<> follow(context&, followed_stream);

}  // namespace distd::ops::client

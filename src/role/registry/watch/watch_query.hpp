// How a resource of the registry is watched: one way for all of them, with blocking reads and with a stream.
//
//     GET /some/resource                              answers at once, with X-Distd-Index: N
//     GET /some/resource?index=N&wait=30s             answers once the index is another one, or 30 s have
//                                                     passed: then with the same index
//     GET /some/resource, Accept: text/event-stream   an event with the whole state now and after each change
//
// An index that is not the current one is answered at once, be it smaller or larger: the larger one belongs
// to a registry that lost its data since.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
#include <functional>
#include <optional>
#include <string>

#include "role/registry/watch/watch_board.hpp"

namespace distd::registry {

[[nodiscard]] http::response with_index(http::response, std::uint64_t index);

struct watch_query {
    std::optional<std::uint64_t> seen;  // the index that the reader has; none: it has nothing yet
    milliseconds wait{0};               // jittered; 0: not at all
    bool as_stream = false;

    [[nodiscard]] bool waits() const noexcept { return as_stream || seen.has_value(); }
};

namespace watch_limits {
inline constexpr milliseconds default_wait{300'000};
inline constexpr milliseconds max_wait{600'000};   // longer ones are cut to it
inline constexpr int jitter_part = 16;             // a wait is shortened or prolonged by at most a 16th of it
inline constexpr seconds silence_on_a_stream{15};  // then a comment: proxies and peers see that it lives
}  // namespace watch_limits

// What a request asks for, or the answer of 400 that says what is wrong with which parameter.
[[nodiscard]] std::optional<http::response> read_watch_query(const http::request&, watch_query&);

// A resource that can be watched. Each is asked on the loop, whenever a reader is due; what belongs together
// is current at the same moment. They are kept as long as the reader is there.
struct watched {
    std::string topic;                         // touched after each change of `index`
    std::function<std::uint64_t()> index;      // at least 1, and another one after each change
    std::function<http::response()> answer;    // of a plain read; 404 is one, too
    std::function<http::shared_text()> event;  // the whole state in one event, mostly JSON
    milliseconds min_gap{0};                   // between two events: of what changes faster some are skipped
};

// Answers a read of `w` as the query asks for it, now or later.
[[nodiscard]] http::handler_result serve_watched(watch_board&, watch_query, watched w);

}  // namespace distd::registry

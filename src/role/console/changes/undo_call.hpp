// The way back from a change that was just made: calls to the registry that undo it. The page after the
// change carries the key by which they are kept.
#pragma once

#include <distd/time.hpp>
#include <string>
#include <vector>

namespace distd::ops::console {

// A call to the registry.
struct change_step {
    std::string method;
    std::string path;
    std::string body;
};

struct undo_call {
    static constexpr std::size_t max_kept = 256;
    static constexpr milliseconds age = std::chrono::minutes(10);

    std::vector<change_step> steps;  // one after the other; none: there is no way back
    std::string service;
    std::string words;  // what was done: "http://10.0.0.7:8100 is drained."
};

}  // namespace distd::ops::console

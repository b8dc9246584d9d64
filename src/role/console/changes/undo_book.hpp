// The way back from changes that were just made: calls to the registry that undo them, each by a random word
// that the page after the change carries. In memory only. Pure. Bounds: `max_entries`, and `age`.
#pragma once

#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops::console {

// A call to the registry.
struct change_step {
    std::string method;
    std::string path;
    std::string body;
};

struct undo_call {
    std::vector<change_step> steps;  // one after the other; none: there is no way back
    std::string service;
    std::string words;  // what was done: "http://10.0.0.7:8100 is drained."
};

class undo_book {
public:
    static constexpr std::size_t max_entries = 256;
    static constexpr milliseconds age = std::chrono::minutes(10);

    [[nodiscard]] std::string keep(undo_call, steady_point now);
    [[nodiscard]] const undo_call* find(std::string_view word, steady_point now) const;
    [[nodiscard]] std::optional<undo_call> take(std::string_view word, steady_point now);

private:
    struct entry {
        undo_call call;
        steady_point until;
    };
    std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace distd::ops::console

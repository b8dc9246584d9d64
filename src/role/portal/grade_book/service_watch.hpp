// Tracks since when a service that the pages need has been unavailable. Pure: gets observations and their
// times.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace distd::portal {

class service_watch {
public:
    using wall_point = std::chrono::system_clock::time_point;

    // Initially unavailable, until an instance is seen.
    explicit service_watch(wall_point start) : unlisted_since_(start) {}

    // Whether the registry lists an instance.
    void on_listed(bool listed, wall_point now) {
        if (!listed) {
            if (!unlisted_since_) unlisted_since_ = now;
        } else if (unlisted_since_) {
            unlisted_since_.reset();
            silent_since_.reset();  // a new instance is not blamed for its predecessor
        }
    }
    // The outcome of a call.
    void on_answer(bool answered, wall_point now) {
        if (answered) {
            unlisted_since_.reset();  // it is available, though the list was not read since
            silent_since_.reset();
        } else if (!silent_since_) {
            silent_since_ = now;
        }
    }

    [[nodiscard]] std::optional<wall_point> away_since() const {
        if (!unlisted_since_) return silent_since_;
        return silent_since_ ? std::min(*unlisted_since_, *silent_since_) : unlisted_since_;
    }

private:
    std::optional<wall_point> unlisted_since_;
    std::optional<wall_point> silent_since_;
};

}  // namespace distd::portal

#include "client/system/event_text.hpp"

#include <utility>

namespace distd::ops::client {

std::optional<stream_event> event_reader::next() {
    for (;;) {
        const auto end = pending_.find('\n', looked_at_);
        if (end == pending_.npos) {
            // Once for all events of a piece: for each it would move the rest of the piece as often.
            pending_.erase(0, taken_);
            taken_ = 0;
            looked_at_ = pending_.size();
            return std::nullopt;
        }
        auto line = std::string_view(pending_).substr(taken_, end - taken_);
        if (line.ends_with('\r')) line.remove_suffix(1);
        taken_ = looked_at_ = end + 1;
        if (!line.empty()) {
            take(line);
            continue;
        }
        auto whole = std::exchange(now_, stream_event{now_.id, {}, {}});
        if (std::exchange(has_data_, false)) return whole;
    }
}

void event_reader::take(std::string_view line) {
    const auto colon = line.find(':');
    const auto field = line.substr(0, colon);
    auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
        if (std::exchange(has_data_, true)) now_.data += '\n';
        now_.data += value;
    } else if (field == "id") {
        now_.id = value;
    } else if (field == "event") {
        now_.name = value;
    }
}

}  // namespace distd::ops::client

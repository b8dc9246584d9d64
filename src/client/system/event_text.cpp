#include "client/system/event_text.hpp"

#include <utility>

namespace distd::ops::client {

std::optional<stream_event> event_reader::next() {
    for (std::size_t begin = 0;;) {
        const auto end = pending_.find('\n', std::max(begin, looked_at_));
        if (end == pending_.npos) {
            pending_.erase(0, begin);
            looked_at_ = pending_.size();
            return std::nullopt;
        }
        auto line = std::string_view(pending_).substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        begin = end + 1;
        if (!line.empty()) {
            take(line);
            continue;
        }
        if (!std::exchange(has_data_, false)) continue;
        pending_.erase(0, begin);
        looked_at_ = 0;
        auto whole = now_;
        now_.name.clear();
        now_.data.clear();
        return whole;
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

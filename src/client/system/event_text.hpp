// Server-sent events out of the bytes of a stream. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace distd::ops::client {

struct stream_event {
    std::string id;    // of this event or the last one before it that had one
    std::string name;  // "": message
    std::string data;
};

class event_reader {
public:
    // Fails when an event is larger than anybody would send.
    static constexpr std::size_t max_event = 64 << 20;

    void feed(std::string_view bytes) { pending_.append(bytes); }
    // The next whole one. Comments and what has no data are passed over.
    [[nodiscard]] std::optional<stream_event> next();
    [[nodiscard]] bool is_too_large() const noexcept {
        return pending_.size() + now_.data.size() > max_event;
    }

private:
    void take(std::string_view line);

    std::string pending_;
    std::size_t taken_ = 0;      // of `pending_`: lines that `now_` or an event before it has
    std::size_t looked_at_ = 0;  // of `pending_`: there is no line end between these two
    stream_event now_;
    bool has_data_ = false;
};

}  // namespace distd::ops::client

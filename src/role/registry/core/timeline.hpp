// What has happened to instances and to the configuration, the newest `max_events` of it. Pure; the store
// keeps the same.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::registry {

enum class event_type : std::uint8_t {
    registered,
    replaced,  // registered again, and something is different
    deregistered,
    lost,
    back,
    gone,
    drained,
    undrained,
    guard_on,
    guard_off,
    in_doubt,  // of the timeline itself: events before it may have been shown, and are not there any more
    config_put,
    config_deleted,
    config_restored,
    forgotten  // removed from the list by somebody else than the instance
};
inline constexpr std::size_t event_types = 15;
[[nodiscard]] constexpr bool is_of_configuration(event_type t) noexcept {
    return t >= event_type::config_put && t <= event_type::config_restored;
}
[[nodiscard]] std::string_view to_string(event_type) noexcept;
[[nodiscard]] std::optional<event_type> to_event_type(std::string_view) noexcept;

struct event {
    std::uint64_t index = 0;  // the revision of the change
    std::int64_t at_ms = 0;   // of the wall clock, since 1970
    event_type type{};
    std::string name;  // of the service; of the configuration: the key
    std::string url;
    std::string reason;
    std::string actor{};        // who asked for the change; empty: it is the registry's own verdict
    std::uint64_t version = 0;  // of the configuration only: of the key
    std::uint64_t was = 0;      // the version with the value before; 0: there was none

    friend bool operator==(const event&, const event&) = default;
};

// Empty: any.
struct event_filter {
    std::string name;
    std::optional<event_type> type;

    [[nodiscard]] bool matches(const event& e) const noexcept {
        const bool is_of_name = name.empty() || (e.name == name && !is_of_configuration(e.type));
        return is_of_name && (!type || e.type == *type);
    }
};

class timeline {
public:
    static constexpr std::size_t max_events = 10'000;

    void add(event);  // indexes only grow

    // Of the newest event; where there is none, the argument of `restore`.
    [[nodiscard]] std::uint64_t index() const noexcept;
    // Events up to this one may have been forgotten; 0: none has been.
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }
    // At the start: whether earlier ones were forgotten cannot be known when it is full.
    void restore(std::vector<event>, std::uint64_t min_index = 1);

    // The first `limit` of those after `index` that match, the oldest first.
    [[nodiscard]] std::vector<const event*> after(std::uint64_t index, std::size_t limit,
                                                  const event_filter&) const;
    // The newest `limit` that match, the oldest first.
    [[nodiscard]] std::vector<const event*> newest(std::size_t limit, const event_filter&) const;
    [[nodiscard]] const std::deque<event>& all() const noexcept { return events_; }

private:
    std::deque<event> events_;
    std::uint64_t forgotten_ = 0;
    std::uint64_t min_index_ = 1;
};

[[nodiscard]] std::string event_as_json(const event&);
// How large the text of those is at most, where nothing in it has to be escaped.
[[nodiscard]] std::size_t bytes_as_json(const std::vector<const event*>&);
[[nodiscard]] std::string events_as_json(const std::vector<const event*>&);

}  // namespace distd::registry

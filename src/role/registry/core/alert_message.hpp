// What an alert says, and what its receiver has been sent, as the store keeps it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace distd::registry {

// test: somebody asked for it, to see whether it arrives.
enum class alert_kind : std::uint8_t { lost, back, missing, guard, test };
[[nodiscard]] std::string_view to_string(alert_kind) noexcept;
[[nodiscard]] std::optional<alert_kind> to_alert_kind(std::string_view) noexcept;

// Of a service, or of the registry. Times are those of the wall clock in milliseconds since 1970.
struct alert_message {
    alert_kind what = alert_kind::lost;
    std::string service;
    std::string reason{};
    std::string instances{};  // "1 of 3"; empty where there is nothing to count
    std::string console{};    // the page that shows more, as of when it is sent; empty: there is none
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;  // 0: it lasts
    std::int64_t at_ms = 0;     // when it was decided

    friend bool operator==(const alert_message&, const alert_message&) = default;
};

// The latest message of an alert about a service. It is stored before it is sent: after a restart nobody
// is sent it again who has it, and whoever may not have it is sent it.
struct alert_row {
    std::string alert;
    std::string subject;  // the service; empty: the guard against mass failures
    alert_message message{};
    std::int64_t reported_at_ms = 0;  // of the latest message that was not that it is back
    bool is_settled = false;          // it has arrived, or was given up

    friend bool operator==(const alert_row&, const alert_row&) = default;
};

}  // namespace distd::registry

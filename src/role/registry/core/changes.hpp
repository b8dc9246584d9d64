// What can happen to a registry's state, and the state as it is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "role/registry/core/alert_message.hpp"
#include "role/registry/core/health_history.hpp"
#include "role/registry/core/registrant.hpp"
#include "role/registry/core/timeline.hpp"
#include "wire/patch.hpp"
#include "wire/registration.hpp"

namespace distd::registry {

// An operator took an instance out of rotation. It stays registered and is probed on.
struct drain_note {
    std::int64_t since_ms = 0;  // of the wall clock, since 1970; 0: it is not drained
    std::string reason;

    [[nodiscard]] bool holds() const noexcept { return since_ms != 0; }
    // The same but for its time: what is drained again has been drained since the first time.
    [[nodiscard]] bool same_as(const drain_note& other) const noexcept {
        return holds() == other.holds() && reason == other.reason;
    }
};

// Changes, each with the revision that it makes current and its time on the wall clock in milliseconds since
// 1970.
struct put_change {
    registration that;
    std::uint64_t revision = 0;  // becomes the generation, too
    std::int64_t at_ms = 0;
    registrant by{};
    std::string actor{};   // who asked for it, and so below; empty: the registry itself
    std::string reason{};  // for the timeline, where it is a newcomer
};
struct remove_change {
    std::string url;
    std::uint64_t generation = 0;  // only this one; 0: whichever
    std::uint64_t revision = 0;
    std::string reason{};
    std::int64_t at_ms = 0;
    std::string actor{};
    bool is_forgotten = false;  // somebody else than the instance asked for it

    // It did not leave by itself: its process may run on, with all the entries that it was sent.
    [[nodiscard]] bool is_given_up() const noexcept { return generation != 0 || is_forgotten; }
};
// A verdict on its health: whether it should be offered as far as that goes.
struct offer_change {
    std::string url;
    std::uint64_t generation = 0;
    bool offered = true;
    std::uint64_t revision = 0;
    std::string reason{};
    std::int64_t at_ms = 0;
};
struct drain_change {
    std::string url;
    drain_note note;
    std::uint64_t revision = 0;
    std::int64_t at_ms = 0;
    std::string actor{};
    std::string reason{};  // of its end; that of a drain is in the note
};
// The guard against mass failures has turned; it is of the timeline only.
struct guard_change {
    bool is_on = false;
    std::string reason;
    std::uint64_t revision = 0;
    std::int64_t at_ms = 0;
};
// A key of the configuration has changed, which its own file has already; it is of the timeline only.
struct configuration_change {
    event_type what = event_type::config_put;
    std::string key;
    std::uint64_t version = 0;
    std::uint64_t was = 0;  // see event
    std::string actor;
    std::string reason{};
    std::uint64_t revision = 0;
    std::int64_t at_ms = 0;
};
// Brings a subscriber's mark forward; makes no revision current.
struct settled_change {
    std::string url;
    std::uint64_t generation = 0;
    std::uint64_t settled = 0;
};
// Forgets withdrawn entries that every subscriber is known to have been sent, and indexes of departed
// names up to this one.
struct tidy_change {
    std::uint64_t forget_names = 0;
};
// Histories of health, as they are kept over our own end. Changes nothing in memory.
struct kept_history {
    std::string url;
    health_history::kept that;
};
struct kept_health {
    std::vector<kept_history> histories;
    health_clock::kept clock;  // now 0: it stays as it was kept
};
struct health_change {
    std::shared_ptr<const kept_health> that;
};
// What an alert has reported, for the time after our own end. Changes nothing in memory.
struct alert_change {
    enum class action : std::uint8_t { keep, forget, forget_alert };  // forget_alert: all of its rows
    alert_row that;
    action what = action::keep;
};
// After writes were refused, what the store is to hold: what was shown meanwhile. Changes nothing in memory.
struct restatement;
struct restate_change {
    std::shared_ptr<const restatement> that;
};
using change =
    std::variant<put_change, remove_change, offer_change, drain_change, guard_change, configuration_change,
                 settled_change, tidy_change, health_change, alert_change, restate_change>;

// 0 for those that make none current.
[[nodiscard]] inline std::uint64_t revision_of(const change& c) {
    return std::visit(
        [](const auto& one) -> std::uint64_t {
            if constexpr (requires { one.revision; }) return one.revision;
            return 0;
        },
        c);
}

struct kept_instance {
    registration that;
    bool offered = true;  // as far as its health goes
    std::uint64_t generation = 0;
    std::uint64_t revision = 0;
    std::uint64_t modified = 0;
    drain_note drain{};
    std::uint64_t settled = 0;  // 0: was never brought up to date
    registrant by{};
    std::int64_t registered_at_ms = 0;
};
// Of the instances that refused changes were about, and of the timeline since the first of these.
struct restatement {
    struct absence {
        std::string url;
        std::uint64_t revision = 0;  // of the change that took it out
    };
    std::vector<kept_instance> present;  // `settled` is none of them
    std::vector<absence> absent;
    std::uint64_t events_from = 0;  // the timeline from this index on, and no other events
    std::vector<event> events;
    std::uint64_t revision = 0;
    // After a start in doubt, its revision: what was noted of subscribers before is void, and no name has a
    // lower index.
    std::uint64_t doubted_before = 0;
};
struct withdrawn_row {
    patch_entry entry;
    std::uint64_t revision = 0;
};
struct departed_name {
    std::string name;
    std::uint64_t index = 0;
};
// What a URL required in an earlier registration: unless its process has ended it holds entries of these.
struct former_requirement {
    std::string url;
    std::vector<std::string> names;
};
struct kept_state {
    std::string id;  // of this set of data: another one means that the data was lost
    std::uint64_t revision = 0;
    std::uint64_t ceiling = 0;  // no revision above it was ever given out
    // The registry ended while its disk refused what it showed: nobody is known to hold anything.
    bool in_doubt = false;
    std::vector<kept_instance> instances;
    std::vector<withdrawn_row> withdrawn;
    std::vector<former_requirement> former;  // the oldest first
    std::uint64_t names_floor = 0;           // the largest index of a name that was forgotten
    std::vector<departed_name> names;        // those that an instance has left; it may have others
    std::vector<event> events;               // the newest, in order
    kept_health health;                      // also of instances that have left, those first that left first
    std::vector<alert_row> alert_rows;       // the latest message of each about a service
};

}  // namespace distd::registry

// What alerts tell of, by service: which instances are lost, which services nobody offers that others
// require, and whether the guard against mass failures is on. Pure: made of the events of the timeline, so
// after a restart of the same events.
//
// An instance that is gone counts as lost until it, or another one in its place, registers. Drained instances
// count neither as lost nor as missing: an operator knows.
#pragma once

#include <deque>
#include <distd/time.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "role/registry/core/alert_message.hpp"
#include "role/registry/core/catalog.hpp"
#include "role/registry/core/listing.hpp"
#include "role/registry/core/timeline.hpp"

namespace distd::registry {

class loss_tracker {
public:
    // Of those that are gone, the ones that went first are forgotten.
    static constexpr std::size_t max_gone = 4096;
    static constexpr std::size_t max_idle = 1024;  // services that are well, beyond as many losses

    struct start {
        steady_point since = steady_point::max();
        std::int64_t since_ms = 0;
    };
    // How it stands with a service.
    struct state {
        bool is_lost = false;
        bool is_missing = false;
        bool is_listed = false;  // not only gone: something is wrong that can be seen in the list
        start lost{};
        start missing{};
    };

    explicit loss_tracker(const catalog& c) : catalog_(c) {}

    // At the start, or when the first alert comes.
    void restore(const std::deque<event>& timeline, moment now);
    void take(const event&, moment now);

    [[nodiscard]] state of(std::string_view service) const;
    [[nodiscard]] bool is_guarded() const noexcept { return guard_.since != steady_point::max(); }
    [[nodiscard]] const start& guard() const noexcept { return guard_; }
    [[nodiscard]] bool guard_ended_well() const noexcept;
    // Somebody offers it, and what was lost of it came back.
    [[nodiscard]] bool is_back(std::string_view service) const;
    // Services whose state may have changed since this was asked last.
    [[nodiscard]] std::set<std::string> take_changed() { return std::exchange(changed_, {}); }
    // All that are lost or missing.
    [[nodiscard]] std::set<std::string> in_trouble() const;

    // Of the service as it is now, in words. Times are the caller's.
    [[nodiscard]] alert_message describe(std::string_view service, alert_kind) const;
    [[nodiscard]] alert_message describe_guard(alert_kind) const;
    // The console's page of that path; empty: no console is registered.
    [[nodiscard]] std::string console_page(std::string_view path) const;

private:
    struct loss {
        std::string service;
        std::string reason;
        start begin{};
        bool is_gone = false;
    };
    struct service_losses {
        std::set<std::string> urls{};
        bool was_given_up = false;  // the last one did not come back: it was drained, or it left
    };

    void note(const event&, moment now);
    void lose(const event&, start, bool is_gone);
    void settle(const std::string& url, bool was_given_up);
    void fill_place(const std::string& service);
    void look_for_missing(const std::string& service, moment now);
    void look_for_missing_around(const event&, moment now);
    [[nodiscard]] std::string reason_of_loss(const service_losses&) const;
    [[nodiscard]] std::string reason_of_lack(std::string_view service) const;
    [[nodiscard]] bool is_missing(std::string_view service) const;

    const catalog& catalog_;
    std::map<std::string, loss, std::less<>> losses_;  // by URL
    std::map<std::string, service_losses, std::less<>> services_;
    std::map<std::string, start, std::less<>> missing_;
    std::deque<std::string> gone_;  // URLs, perhaps back by now
    start guard_{};
    std::string guard_reason_;
    std::set<std::string> changed_;
};

}  // namespace distd::registry

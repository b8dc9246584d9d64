// Decides when an alert says something of a service: once it has been lost (or missing) for `after`, and that
// it is back once it has been well for as long. So one that flaps is one loss, and one message. The same
// loss, or the next one of that service, is reported again when `again` has passed. Pure.
//
// The subject of a decision is a service; the empty one is the guard against mass failures, which is reported
// at once. While that is on nothing else is decided.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "role/registry/alerts/alert_settings.hpp"
#include "role/registry/alerts/loss_tracker.hpp"

namespace distd::registry {

class alert_watch {
public:
    // As many services have a loss that was reported and has not ended; further ones wait.
    static constexpr std::size_t max_reported = 1000;

    struct decision {
        std::string subject;
        std::optional<alert_kind> what;  // none: it has ended, and nothing is said of it
        std::int64_t since_ms = 0;
        std::int64_t until_ms = 0;
        std::int64_t reported_at_ms = 0;
    };

    // At the start: what was reported before. `see` follows for all services that are in trouble.
    void restore(const alert_row&, moment now);
    // How it stands with a service. To be called for each that the alert names whenever that may have
    // changed.
    void see(const std::string& service, const loss_tracker::state&, const alert_settings&, moment now);
    void see_guard(const loss_tracker&, const alert_settings&, moment now);
    // Which rules hold has changed. Returns the subjects that the alert is not about any more.
    std::vector<std::string> take_rules(const alert_settings&);
    // What is due, `book` as it is now.
    [[nodiscard]] std::vector<decision> review(const loss_tracker& book, const alert_settings&, moment now);
    [[nodiscard]] steady_point next_due() const noexcept;

    [[nodiscard]] std::vector<std::string> names() const;  // of all subjects but the guard
    // Of the latest message that was not that it is back; nothing for a subject that is not known.
    [[nodiscard]] std::optional<std::int64_t> reported_at_ms(const std::string& subject) const;

    // Lost, and not reported: it has not lasted long enough, or was reported a while ago.
    struct held {
        std::string subject;
        std::int64_t since_ms = 0;
        steady_point due{};
    };
    [[nodiscard]] std::vector<held> waiting() const;

private:
    enum class phase : std::uint8_t { quiet, suspected, reported };
    struct subject {
        phase now = phase::quiet;
        alert_kind what = alert_kind::lost;
        bool is_bad = false;
        bool is_listed = false;
        loss_tracker::start begin{};
        steady_point well_since{};
        std::int64_t well_since_ms = 0;
        steady_point reported_at = steady_point::min();  // the last time; min: never
        std::int64_t reported_at_ms = 0;
        steady_point due = steady_point::max();
    };
    using subjects = std::map<std::string, subject, std::less<>>;

    void note(const std::string& name, bool is_bad, alert_kind, bool is_listed, const loss_tracker::start&,
              const alert_settings&, moment now);
    void plan(subjects::value_type&, const alert_settings&);
    void set_phase(subject&, phase);
    [[nodiscard]] std::optional<decision> decide(subjects::value_type&, const loss_tracker&,
                                                 const alert_settings&, moment now);
    [[nodiscard]] decision report(subjects::value_type&, moment now);
    [[nodiscard]] std::optional<decision> end(subjects::value_type&, const loss_tracker&,
                                              const alert_settings&);

    subjects subjects_;
    std::set<std::pair<steady_point, std::string>> due_;
    std::size_t reported_ = 0;
    bool is_frozen_ = false;  // by the guard
};

}  // namespace distd::registry

// All that a registry knows while it runs: who is registered, who is healthy, who still needs a patch. Pure.
// Changes come in the order in which they were made durable; each is passed on to the parts that it concerns.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/registry/core/catalog.hpp"
#include "role/registry/core/changes.hpp"
#include "role/registry/core/dispatcher.hpp"
#include "role/registry/core/former_histories.hpp"
#include "role/registry/core/health.hpp"
#include "role/registry/core/name_indexes.hpp"
#include "role/registry/core/timeline.hpp"

namespace distd::registry {

class directory {
public:
    using random_source = std::function<std::uint64_t()>;

    directory(health_engine::rules, dispatcher::limits, random_source);

    // Once, before anything else. Instances get two of their intervals to prove themselves.
    void restore(kept_state, steady_point now, wall_point wall);

    // nothing: there was no such instance, or it was so already. renewed: a registration that says what is
    // known; no subscriber needs a patch for it.
    enum class effect : std::uint8_t { done, renewed, nothing };
    effect apply(change&&, steady_point now);
    effect apply(const change& c, steady_point now) { return apply(change(c), now); }

    // What the store is to hold of these URLs, and of the timeline from that index on. All that was handed
    // to the store before has to be applied here by now, or refused.
    [[nodiscard]] restatement restate(const std::set<std::string>& urls, std::uint64_t events_from) const;

    // What a probe's end asks for: to be made durable, then applied.
    [[nodiscard]] std::optional<change> probed(const health_engine::probe&, const std::string& failure,
                                               steady_point now);
    // An instance reports by itself; `failure` is empty when it is well.
    enum class reporting : std::uint8_t { taken, unknown, has_no_ttl };
    struct reported {
        reporting how = reporting::unknown;
        std::optional<change> asks_for{};
    };
    [[nodiscard]] reported take_report(std::string_view url, const std::string& failure, steady_point now);
    // The wall clock goes on; to be called several times a minute.
    void pass(wall_point);
    [[nodiscard]] const health_clock& clock() const noexcept { return clock_; }
    // Another one when any history shows something else.
    [[nodiscard]] std::uint64_t history_version() const noexcept { return history_version_; }
    // See catalog::take_unsaved; with the last ones come those of instances that have left. No clock.
    [[nodiscard]] kept_health take_unsaved(std::string& after, std::size_t max, bool even_saved);
    // What time alone asks for. To be called when `health().next_due()` has come, and after each probe.
    [[nodiscard]] std::vector<change> review(steady_point now);

    [[nodiscard]] const catalog& instances() const noexcept { return catalog_; }
    [[nodiscard]] dispatcher& patches() noexcept { return dispatcher_; }
    [[nodiscard]] const dispatcher& patches() const noexcept { return dispatcher_; }
    [[nodiscard]] health_engine& health() noexcept { return health_; }
    [[nodiscard]] const health_engine& health() const noexcept { return health_; }
    [[nodiscard]] const name_indexes& names() const noexcept { return names_; }
    // Those whose index has changed since this was asked last, instead of what is in `out`. To be asked after
    // each `apply`.
    void take_changed_names(std::vector<std::string>& out) {
        out.clear();
        out.swap(changed_names_);
    }
    [[nodiscard]] const timeline& events() const noexcept { return events_; }
    // Of the latest change applied.
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
    // Another one when anything that can be listed has changed.
    [[nodiscard]] std::uint64_t version() const noexcept;

private:
    effect apply_one(put_change&&, steady_point now);
    effect apply_one(const remove_change&, steady_point now);
    effect apply_one(const offer_change&, steady_point now);
    effect apply_one(const drain_change&, steady_point now);
    effect apply_one(const guard_change&, steady_point now);
    effect apply_one(const configuration_change&, steady_point now);
    effect apply_one(const settled_change&, steady_point now);
    effect apply_one(const tidy_change&, steady_point now);
    effect apply_one(const health_change&, steady_point now);
    effect apply_one(const alert_change&, steady_point now);
    effect apply_one(const restate_change&, steady_point now);

    static std::optional<change> to_change(const health_engine::judgement&);
    void note_doubt(wall_point wall);
    void note(catalog::change_seen, const instance&, std::uint64_t revision);
    void changed(const std::string& name, std::uint64_t revision);
    void note_changed_health();
    void note_health(const instance&);
    void restore_histories(kept_health, wall_point);

    random_source random_;
    catalog catalog_;
    dispatcher dispatcher_;
    health_engine health_;
    name_indexes names_;
    timeline events_;
    health_clock clock_;
    former_histories former_;
    std::uint64_t history_version_ = 0;
    std::vector<std::string> changed_names_;
    std::uint64_t revision_ = 0;
    std::uint64_t visible_changes_ = 0;
};

}  // namespace distd::registry

// All that a registry knows while it runs: who is registered, who is healthy, who is still to be told. Pure.
// Changes come in the order in which they were made durable; each is passed on to the parts that it concerns.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <functional>
#include <optional>
#include <string_view>

#include "role/registry/core/catalog.hpp"
#include "role/registry/core/changes.hpp"
#include "role/registry/core/dispatcher.hpp"
#include "role/registry/core/health.hpp"
#include "role/registry/core/name_indexes.hpp"
#include "role/registry/core/timeline.hpp"

namespace distd::registry {

class directory {
public:
    using random_source = std::function<std::uint64_t()>;

    directory(health_engine::rules, dispatcher::limits, random_source);

    // Once, before anything else. Instances get `grace` to prove themselves.
    void restore(const kept_state&, steady_point now, milliseconds grace);

    // nothing: there was no such instance, or it was so already. renewed: a registration that says what is
    // known; nobody but the instance itself has to hear of it.
    enum class effect : std::uint8_t { done, renewed, nothing };
    effect apply(const change&, steady_point now);

    // What a probe's end asks for: to be made durable, then applied.
    [[nodiscard]] std::optional<change> probed(const health_engine::probe&, const std::string& failure,
                                               steady_point now);

    [[nodiscard]] const catalog& instances() const noexcept { return catalog_; }
    [[nodiscard]] dispatcher& patches() noexcept { return dispatcher_; }
    [[nodiscard]] const dispatcher& patches() const noexcept { return dispatcher_; }
    [[nodiscard]] health_engine& health() noexcept { return health_; }
    [[nodiscard]] const health_engine& health() const noexcept { return health_; }
    [[nodiscard]] const name_indexes& names() const noexcept { return names_; }
    [[nodiscard]] const timeline& events() const noexcept { return events_; }
    // Of the latest change applied.
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
    // Another one when anything that can be listed has changed.
    [[nodiscard]] std::uint64_t version() const noexcept;

private:
    effect apply_one(const put_change&, steady_point now);
    effect apply_one(const remove_change&, steady_point now);
    effect apply_one(const offer_change&, steady_point now);
    effect apply_one(const drain_change&, steady_point now);
    effect apply_one(const guard_change&, steady_point now);
    effect apply_one(const settled_change&, steady_point now);
    effect apply_one(const tidy_change&, steady_point now);

    void restore_names(const kept_state&);
    void note(catalog::change_seen, const instance&, std::uint64_t revision);
    void changed(const std::string& name, std::uint64_t revision);
    void retell(const std::vector<std::string>& urls);

    random_source random_;
    catalog catalog_;
    dispatcher dispatcher_;
    health_engine health_;
    name_indexes names_;
    timeline events_;
    std::uint64_t revision_ = 0;
    std::uint64_t visible_changes_ = 0;
};

}  // namespace distd::registry

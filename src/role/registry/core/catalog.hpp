// The instances that are registered, by URL, by name and by what they require. Pure.
//
// A change carries its revision, a number that only grows. An instance is offered unless it is lost or
// drained: newcomers whose health is not proven yet are in the list at once.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "role/registry/core/changes.hpp"
#include "role/registry/core/health_history.hpp"
#include "role/registry/core/outbox.hpp"
#include "role/registry/core/url_map.hpp"
#include "wire/registration.hpp"

namespace distd::registry {

struct instance {
    registration that;
    entry_ptr entry;
    bool offered = true;  // healthy and not drained
    bool healthy = true;  // not lost, or lost and not believed
    drain_note drain;
    registrant by;
    std::uint64_t generation = 0;  // revision of its latest registration
    std::uint64_t revision = 0;    // of the latest change that subscribers can see: they see what is offered
    std::uint64_t modified = 0;    // of the latest change that readers of lists can see
    std::size_t place = 0;         // in the catalog's list of all
    std::int64_t registered_at_ms = 0;  // of its latest registration that changed anything; 0: not known
    health_history health{};
};

class catalog {
public:
    using instances_by_url = std::map<std::string_view, const instance*>;

    struct put_result {
        const instance* now = nullptr;
        bool was_known = false;
        bool is_same = false;                      // nobody but the instance itself can see a change
        std::vector<entry_ptr> no_longer_offered;  // what the URL was offered as before, under another name
        bool is_newly_offered = false;
    };
    put_result put(registration&&, std::uint64_t revision, registrant&& by = {}, std::int64_t at_ms = 0);
    // The instance that went, or null.
    std::unique_ptr<instance> remove(std::string_view url);
    // none: it is no longer that instance, or was so already. listed: subscribers see no change, as the
    // other reason keeps it from being offered.
    enum class change_seen : std::uint8_t { none, listed, offered };
    change_seen heal(std::string_view url, std::uint64_t generation, bool healthy, std::uint64_t revision);
    change_seen drain(std::string_view url, drain_note, std::uint64_t revision);
    void note_health(std::string_view url, health_state, wall_minute now);
    void give_history(std::string_view url, health_history);
    // The clock was set back.
    void rewind_histories(wall_minute now);
    // Of up to `max` instances behind the URL `after` those whose histories were not kept yet; all of them
    // with `even_saved`. Brings `after` forward, which is empty once all have been looked at.
    [[nodiscard]] std::vector<kept_history> take_unsaved(std::string& after, std::size_t max,
                                                         bool even_saved);
    // As it was kept, at the start.
    const instance& restore(instance);
    void expect(std::size_t instances) { instances_.reserve(instances); }

    [[nodiscard]] const instance* find(std::string_view url) const noexcept;
    // The certificate that the instance has to show at `address`, a URL of its registration (see
    // registration_extras); empty: one that a root vouches for.
    [[nodiscard]] const std::string& pin_of(std::string_view url, std::string_view address) const noexcept;
    [[nodiscard]] const instances_by_url& named(std::string_view name) const noexcept;
    [[nodiscard]] const instances_by_url& requiring(std::string_view name) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return instances_.size(); }

    // In the order of their URLs; holds until the next change.
    [[nodiscard]] const std::vector<instance*>& all() const;
    // In no order.
    using index = url_map<instances_by_url>;
    [[nodiscard]] const index& by_name() const noexcept { return by_name_; }
    [[nodiscard]] const index& by_requirement() const noexcept { return by_requirement_; }

private:
    put_result add(registration&&, std::uint64_t revision, registrant&& by, std::int64_t at_ms);
    [[nodiscard]] instance* look_up(std::string_view url) const noexcept;
    void close_holes() const;
    void take_from_indexes(const instance&);
    void put_into_indexes(const instance&);
    static change_seen review(instance&, std::uint64_t revision);
    const instance& insert(std::unique_ptr<instance>);

    boost::unordered_flat_map<std::string_view, std::unique_ptr<instance>> instances_;
    index by_name_;         // no empty sets
    index by_requirement_;  // likewise

    // Only lists ask for an order, and there are many changes for each of them: new instances are put behind
    // those that are in order, a removed one leaves a null, and `all` puts that right.
    mutable std::vector<instance*> in_order_;
    mutable std::size_t ordered_ = 0;  // the first so many were in order when `all` was asked last
    mutable std::size_t holes_ = 0;
};

}  // namespace distd::registry

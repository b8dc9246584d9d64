#include "ops/model/page_snapshot.hpp"

namespace distd::ops {

system_overview page_snapshot::services(wall_point now) const {
    overview_input facts;
    if (registry.good) {
        facts.instances = registry.good->instances.get();
        facts.missing = registry.good->missing.get();
        facts.guard = registry.good->guard.get();
        facts.events = registry.good->events.get();
    }
    facts.history = history.good.get();
    facts.traffic = traffic.good.get();
    facts.errors = errors.good.get();
    facts.own_name = own_name;
    return make_overview(facts, now);
}

}  // namespace distd::ops

#include "role/registry/configuration_changes.hpp"

namespace distd::registry {

configuration_change to_configuration_change(const config_change& c, const config_outcome& made) {
    using action = config_change::action;
    configuration_change noted;
    noted.what = c.what == action::remove    ? event_type::config_deleted
                 : c.what == action::restore ? event_type::config_restored
                                             : event_type::config_put;
    noted.key = c.key;
    noted.version = made.now.version;
    noted.was = made.created ? 0 : made.now.version - 1;
    noted.actor = c.who;
    noted.reason = c.reason;
    if (c.what == action::restore)
        noted.reason = "version " + std::to_string(c.version) + (c.reason.empty() ? "" : ": " + c.reason);
    return noted;
}

}  // namespace distd::registry

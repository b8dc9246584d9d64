// What an operator does with an instance: drain it, end its drain, have it forgotten, and take that back.
// Each is a call to the registry in the operator's name; the page that follows offers to undo it.
#pragma once

#include <boost/json/object.hpp>
#include <distd/service.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/sources/registry_source.hpp"
#include "role/console/access/expiring_map.hpp"
#include "role/console/changes/undo_call.hpp"
#include "role/console/frame/site.hpp"
#include "role/console/pages/service_page.hpp"

namespace distd::ops::console {

class service_changes {
public:
    service_changes(site&, registry_source&);

    // For the page after a change: what was done, by the word in its address.
    [[nodiscard]] std::optional<change_notice> notice(std::string_view word) const;

private:
    [[nodiscard]] task<http::response> drain(http::request);
    [[nodiscard]] task<http::response> end_drain(http::request);
    [[nodiscard]] task<http::response> forget(http::request);
    [[nodiscard]] task<http::response> undo(http::request);
    // Sends these to the registry, one after the other, and leads back to the service's page, or says why
    // not.
    [[nodiscard]] task<http::response> change(http::request, std::vector<change_step>, undo_call way_back);
    // As the registry lists it.
    [[nodiscard]] task<std::optional<boost::json::object>> listed_instance(std::string service,
                                                                           std::string url);

    site& site_;
    registry_source& registry_;
    expiring_map<undo_call> undo_{undo_call::max_kept, 32};
};

}  // namespace distd::ops::console

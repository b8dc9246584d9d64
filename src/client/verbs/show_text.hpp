// All of one service as text and as JSON. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "client/output/output_style.hpp"
#include "ops/answers/gateway_answers.hpp"
#include "ops/model/system_overview.hpp"

namespace distd::ops::client {

struct service_sheet {
    std::string name;
    system_overview t;
    std::vector<event> events;     // of all services, oldest first
    std::vector<log_line> errors;  // newest first
    std::string errors_trouble;    // why they are not known
    std::optional<gateway_state> gateway;
    std::shared_ptr<const traffic_history> traffic;
    std::string only_url;  // "": all of its instances
};

[[nodiscard]] std::string show_text(const service_sheet&, const output_style&, wall_point now);
[[nodiscard]] boost::json::object show_json(const service_sheet&, wall_point now);

}  // namespace distd::ops::client

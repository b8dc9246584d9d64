// Keys of the configuration and the versions of one as tables. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "client/output/output_style.hpp"
#include "ops/answers/config_answers.hpp"

namespace distd::ops::client {

// Nothing, not even titles, where there is no key.
[[nodiscard]] std::string keys_text(const std::vector<config_key>&, const output_style&, wall_point now);
[[nodiscard]] std::string history_text(const std::vector<config_version>&, const output_style&,
                                       wall_point now);

[[nodiscard]] boost::json::object to_json_object(const config_version&);

}  // namespace distd::ops::client

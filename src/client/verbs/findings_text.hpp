// What `distd doctor` found, as a table and as JSON. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "client/output/output_style.hpp"

namespace distd::ops::client {

enum class verdict : std::uint8_t { good, note, bad };

struct finding {
    verdict how;
    std::string what;
    std::string words;
};

[[nodiscard]] std::string findings_text(const std::vector<finding>&, const output_style&);
[[nodiscard]] boost::json::array findings_json(const std::vector<finding>&);

}  // namespace distd::ops::client

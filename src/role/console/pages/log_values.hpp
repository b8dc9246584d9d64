// Template values of lines as the pages Logs and Request show them. Pure.
#pragma once

#include <map>

#include "role/console/model/log_query.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {

// The colours of the services in a view: no two alike, as long as there are colours. Each has that of its
// name, the same on every page, unless one whose first line is older has it.
class hues {
public:
    static constexpr std::size_t count = 12;
    explicit hues(const std::vector<log_line>&);
    [[nodiscard]] std::string of(std::string_view service) const;

private:
    std::map<std::string, std::size_t, std::less<>> by_name_;
};

// {iso, clock} to the millisecond, or null.
[[nodiscard]] json::value moment_of(std::optional<wall_point>);
// One row of a list; `href`: where the line is looked at.
[[nodiscard]] json::object row_of(const log_line&, const log_query&, std::string_view href, const hues&);
[[nodiscard]] std::string url_of_request(std::string_view trace);

}  // namespace distd::ops::console

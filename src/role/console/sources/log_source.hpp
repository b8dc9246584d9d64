// The log service: errors by service, and lines, for all viewers together.
#pragma once

#include <array>
#include <distd/service.hpp>
#include <map>
#include <string>
#include <vector>

#include "role/console/model/facts.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/model/picture.hpp"
#include "role/console/sources/shared_source.hpp"
#include "role/console/sources/source_shelf.hpp"

namespace distd::console {

class log_source {
public:
    explicit log_source(service&);

    [[nodiscard]] task<source_view<error_counts>> errors(time_range r) {
        return errors_[static_cast<std::size_t>(r)].current();
    }
    // `query`: of GET /log, such as "level=error&limit=8".
    [[nodiscard]] task<source_view<log_lines>> lines(std::string query) {
        return lines_.current(std::move(query));
    }

    void refresh(time_range r) { errors_[static_cast<std::size_t>(r)].refresh(); }
    void refresh_lines(const std::string& query) { lines_.refresh(query); }
    [[nodiscard]] std::string address() const;

private:
    [[nodiscard]] task<result<http::reply>> read(std::string path);
    [[nodiscard]] task<fetched<error_counts>> count_errors(time_range);
    [[nodiscard]] task<fetched<log_lines>> fetch_lines(std::string query);

    service& service_;
    std::array<shared_source<error_counts>, 3> errors_;
    source_shelf<log_lines> lines_;
};

}  // namespace distd::console

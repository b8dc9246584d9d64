// The log service: errors by service, and lines, for all viewers together.
#pragma once

#include <array>
#include <distd/service.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ops/model/facts.hpp"
#include "ops/model/page_snapshot.hpp"
#include "ops/model/time_range.hpp"
#include "ops/sources/shared_source.hpp"
#include "ops/sources/source_cache.hpp"

namespace distd::ops {

class log_source {
public:
    explicit log_source(service&);

    [[nodiscard]] task<source_view<error_counts>> errors(time_range r, std::optional<steady_point> asked) {
        return while_present(errors_[static_cast<std::size_t>(r)], presence_, asked);
    }
    // `request`: a path with its query, such as "/log?service=cart&limit=8".
    [[nodiscard]] task<source_view<log_lines>> lines(std::string request,
                                                     std::optional<steady_point> asked = {}) {
        return lines_.current(std::move(request), presence_, asked);
    }
    // One line with all of its text.
    [[nodiscard]] task<source_view<log_line>> line(std::uint64_t seq) {
        return line_.current(std::to_string(seq));
    }
    // Such as "/log/stats?by=level&bucket=60s".
    [[nodiscard]] task<source_view<log_counts>> counts(std::string request,
                                                       std::optional<steady_point> asked = {}) {
        return counts_.current(std::move(request), presence_, asked);
    }

    void refresh(time_range r) { errors_[static_cast<std::size_t>(r)].refresh(); }
    void refresh_lines(const std::string& request) { lines_.refresh(request); }
    void refresh_counts(const std::string& request) { counts_.refresh(request); }
    [[nodiscard]] std::string address() const;

private:
    [[nodiscard]] send_function sender();
    [[nodiscard]] task<fetched<bool>> look_for_it();
    [[nodiscard]] task<fetched<error_counts>> count_errors(time_range);
    [[nodiscard]] task<fetched<log_line>> fetch_line(std::string seq);

    service& service_;
    shared_source<bool> presence_;
    std::array<shared_source<error_counts>, 3> errors_;
    source_cache<log_lines> lines_;
    source_cache<log_counts> counts_;
    source_cache<log_line> line_;
};

}  // namespace distd::ops

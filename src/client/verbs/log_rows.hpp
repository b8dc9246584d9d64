// Lines of the log for a person: the time, the service in a colour of its own, the level, what it says. Pure.
#pragma once

#include <string>
#include <string_view>

#include "client/output/output_style.hpp"
#include "ops/model/facts.hpp"

namespace distd::ops::client {

// `of_request`: all are of one trace, so it is not repeated.
enum class log_form : std::uint8_t { brief, of_request, json, message };

class log_rows {
public:
    log_rows(log_form form, const output_style& l) : form_(form), style_(l) {}

    // A line as the log service sent it, with its end.
    [[nodiscard]] std::string row(std::string_view json_line, wall_point now);
    [[nodiscard]] std::string row(const log_line&, wall_point now);

private:
    log_form form_;
    output_style style_;
    std::size_t name_width_ = 8;  // of the longest name until now, so that columns stay where they are
};

}  // namespace distd::ops::client

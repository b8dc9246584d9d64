#include <array>
#include <cmath>
#include <distd/logger.hpp>

#include "base/append_number.hpp"
#include "base/logging/log_sink.hpp"

namespace distd {

std::string_view to_string(log_level l) noexcept {
    switch (l) {
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warn: return "warn";
        case log_level::error: return "error";
    }
    return "unknown";
}

log_field::log_field(std::string_view k, double v)
    : key(k), quoted(!std::isfinite(v)) {  // JSON has no word for these
    append_number(text, v);
}

logger::logger(std::shared_ptr<log_sink> sink, std::string source)
    : sink_(std::move(sink)), source_(std::move(source)) {}

void logger::debug(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::debug, event, fields);
}

void logger::info(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::info, event, fields);
}

void logger::warn(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::warn, event, fields);
}

void logger::error(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::error, event, fields);
}

void logger::write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const {
    if (sink_) sink_->write({sink_->now(), level, source_, event, fields});
}

}  // namespace distd

#include "role/log/line/field_names.hpp"

#include <array>

#include "base/ascii.hpp"

namespace distd::logs {
namespace {

struct known_name {
    std::string_view folded;
    field_name is;
};

// By length: only those as long as a name are compared with it.
constexpr known_name known_names[] = {
    {"ts", {known_field::time, 4}},
    {"@t", {known_field::time, 6}},
    {"@l", {known_field::level, 6}},
    {"@m", {known_field::message, 5}},
    {"msg", {known_field::message, 2}},
    {"log", {known_field::message, 3}},
    {"@mt", {known_field::message, 6}},
    {"@tr", {known_field::trace, 4}},
    {"time", {known_field::time, 1}},
    {"date", {known_field::time, 5}},
    {"level", {known_field::level, 1}},
    {"trace", {known_field::trace, 1}},
    {"event", {known_field::message, 10}},
    {"@level", {known_field::level, 7}},
    {"message", {known_field::message, 1}},
    {"service", {known_field::service, 1}},
    {"traceid", {known_field::trace, 2}},
    {"asctime", {known_field::time, 8}},
    {"severity", {known_field::level, 4}},
    {"loglevel", {known_field::level, 3}},
    {"trace.id", {known_field::trace, 3}},
    {"datetime", {known_field::time, 7}},
    {"priority", {known_field::level, 8}},
    {"@message", {known_field::message, 8}},
    {"timestamp", {known_field::time, 3}},
    {"log.level", {known_field::level, 2}},
    {"levelname", {known_field::level, 5}},
    {"@timestamp", {known_field::time, 2}},
    {"timemillis", {known_field::time, 9}},
    {"servicename", {known_field::service, 3}},
    {"service.name", {known_field::service, 2}},
    {"shortmessage", {known_field::message, 9}},
    {"renderedmessage", {known_field::message, 4}},
    {"messagetemplate", {known_field::message, 7}},
    {"syslogidentifier", {known_field::service, 4}},
    {"realtimetimestamp", {known_field::time, 10}},
};
constexpr std::size_t max_known = 17;

// The journal's; in other letters it may be anybody's.
constexpr std::string_view journal_level = "PRIORITY";

// Where the names of each length begin; those of the next one end them.
constexpr auto begin_of_length = [] {
    std::array<std::size_t, max_known + 2> begins{};
    for (std::size_t length = 0; length < begins.size(); ++length)
        for (const auto& name : known_names)
            if (name.folded.size() < length) ++begins[length];
    return begins;
}();

}  // namespace

field_name field_of(std::string_view name) noexcept {
    std::array<char, max_known> folded;
    std::size_t size = 0;
    for (const char c : name) {
        if (c == '_' || c == '-') continue;
        if (size == folded.size()) return {};
        folded[size++] = ascii::lower(c);
    }
    const std::string_view wanted(folded.data(), size);
    for (auto i = begin_of_length[size]; i < begin_of_length[size + 1]; ++i) {
        const auto& known = known_names[i];
        if (known.folded != wanted) continue;
        if (known.folded == "priority" && name != journal_level) return {};
        const bool exact = known.is.rank == 1 && name == known.folded;
        return {known.is.field, exact ? 0 : known.is.rank};
    }
    return {};
}

std::string_view to_string(known_field f) noexcept {
    static constexpr std::array<std::string_view, known_fields_count> names{"time", "level", "service",
                                                                            "trace", "message"};
    return names[static_cast<std::size_t>(f)];
}

bool is_reserved(std::string_view name) noexcept {
    const auto known = field_of(name);
    return name == "seq" || name == "_from" || (known.field != known_field::none && known.rank == 0);
}

std::string stored_name(std::string_view sent) {
    return is_reserved(sent) ? "sent_" + std::string(sent) : std::string(sent);
}

}  // namespace distd::logs

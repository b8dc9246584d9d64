// A table of settings with one of each kind, and what a user who sets some of them gets or reads.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/settings/options.hpp"

namespace distd::test {

inline std::vector<setting> sample_table() {
    using enum setting_kind;
    return {
        {.name = "role",
         .kind = choices,
         .fallback = "all",
         .help = "Roles to play",
         .choices = {"log", "portal"},
         .repeatable = true},
        {.name = "listen", .kind = texts, .fallback = "", .help = "Where to listen", .repeatable = true},
        {.name = "beat",
         .kind = duration,
         .fallback = "3s",
         .help = "Time between beats",
         .min = 10,
         .max = 60'000},
        {.name = "limit", .kind = size, .fallback = "16MiB", .help = "Room for it"},
        {.name = "count", .kind = integer, .fallback = "5", .help = "How many", .min = 1, .max = 9},
        {.name = "format",
         .kind = choice,
         .fallback = "auto",
         .help = "How it looks",
         .choices = {"auto", "json"}},
        {.name = "motto", .kind = text, .fallback = "", .help = "What it says"},
        {.name = "token", .kind = text, .fallback = "", .help = "What opens it", .secret = true},
        {.name = "insecure", .kind = on_off, .fallback = "off", .help = "Insist", .group = "Security"},
        {.name = "access-log",
         .kind = on_off,
         .fallback = "on",
         .help = "A line for each request",
         .group = "Logs"},
        {.name = "registry", .kind = urls, .fallback = "http://127.0.0.1:3000", .help = "Registries"},
        {.name = "peer", .kind = address, .fallback = "", .help = "Another one"},
        {.name = "config", .kind = path, .fallback = "", .help = "Config file", .group = "Other"},
        {.name = "help",
         .kind = on_off,
         .fallback = "off",
         .help = "Print this",
         .group = "Other",
         .flag_only = true},
    };
}

inline const settings_parser& parser() {
    static const settings_parser instance(sample_table());
    return instance;
}

using environment = std::map<std::string, std::string>;

inline settings parse(std::vector<std::string> arguments, environment variables = {},
                      const std::string& file = {}) {
    return parser().parse(
        {std::move(arguments), std::move(variables), [file](const std::string&) { return file; }});
}

// As the contents of a.conf.
inline settings parse_file(const std::string& text) { return parse({"--config=a.conf"}, {}, text); }

// What the user reads; "" when all is well.
inline std::string complaint(const std::vector<std::string>& arguments, const environment& variables = {},
                             const std::string& file = {}) {
    try {
        static_cast<void>(parse(arguments, variables, file));
        return {};
    } catch (const settings_error& wrong) {
        return wrong.what();
    }
}

inline std::string file_complaint(const std::string& text) {
    return complaint({"--config=a.conf"}, {}, text);
}

}  // namespace distd::test

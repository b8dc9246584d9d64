#include "app/app_settings.hpp"

#include <algorithm>

#include "role/web/web_files.hpp"
#include "sdk/process/host_settings.hpp"

namespace distd::app {

std::vector<setting> app_settings(const std::vector<role_description>& roles) {
    setting role{.name = "role",
                 .kind = setting_kind::choices,
                 .fallback = "all",
                 .help = "Roles to play",
                 .group = "Roles",
                 .placeholder = "ROLE,...",
                 .repeatable = true};
    for (const auto& r : roles) role.choices.push_back(r.name);

    // --help and its kind stand where one looks for them: at the end.
    std::vector<setting> out{role};
    std::vector<setting> last;
    for (const auto& row : host_settings()) (row.group == "Configuration" ? last : out).push_back(row);
    out.push_back(web::web_root_setting());
    for (const auto& r : roles) out.insert(out.end(), r.settings.begin(), r.settings.end());
    out.insert(out.end(), last.begin(), last.end());
    return out;
}

std::string usage(const std::vector<role_description>& roles) {
    std::size_t longest = 0;
    for (const auto& r : roles) longest = std::max(longest, r.name.size());
    std::string out =
        "Usage: distd [--role=ROLE,...] [--NAME=VALUE]...\n"
        "       distd VERB ...   looks after a system that runs: see distd help\n";
    std::string commands;
    for (const auto& r : roles) {
        for (const auto& c : r.commands) {
            out += "       distd " + c.name + " " + c.form + "\n";
            commands += "\n" + c.name + ": " + c.summary + "\n";
        }
    }
    out +=
        "\n"
        "Plays the roles of a small distributed system, in one process or in several:\n";
    for (const auto& r : roles) {
        out += "  " + r.name + std::string(longest - r.name.size() + 2, ' ') + r.summary + "\n";
    }
    return out + commands;
}

const role_command* command_of(const std::vector<std::string>& arguments,
                               const std::vector<role_description>& roles) {
    if (arguments.empty()) return nullptr;
    for (const auto& r : roles)
        for (const auto& c : r.commands)
            if (c.name == arguments.front()) return &c;
    return nullptr;
}

std::vector<const role_description*> roles_to_play(const settings& given,
                                                   const std::vector<role_description>& roles) {
    const auto& names = given.list("role");
    std::vector<const role_description*> out;
    for (const auto& r : roles) {
        if (std::find(names.begin(), names.end(), r.name) != names.end()) out.push_back(&r);
    }
    return out;
}

std::vector<listener> listeners_of(const std::vector<const role_description*>& chosen,
                                   const settings& given) {
    std::vector<listener> out;
    for (const auto* r : chosen)
        out.push_back({r->name, r->default_address, r->brings_certificate && r->brings_certificate(given),
                       r->needs_tls ? r->needs_tls(given) : std::string()});
    return out;
}

}  // namespace distd::app

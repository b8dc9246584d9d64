#include "client/system/registry_access.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"
#include "client/arguments/parsed_words.hpp"
#include "sdk/process/tls_files.hpp"
#include "sdk/process/token_file.hpp"

namespace distd::ops::client {
namespace {

std::string own_host() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::vector<std::string> registries_in(const std::string& text) {
    const setting row{.name = "registry", .kind = setting_kind::urls, .fallback = {}, .help = {}};
    try {
        return read_value(row, text, "DISTD_REGISTRY").list;
    } catch (const settings_error& e) {
        throw wrong_use(e.what());
    }
}

std::string config_home(const variable_function& variable) {
    if (auto home = variable("XDG_CONFIG_HOME"); !home.empty()) return home;
    const auto home = variable("HOME");
    return home.empty() ? std::string() : home + "/.config";
}

void read_own_file(registry_access& out, const std::string& folder) {
    const auto path = folder + "/distd/token";
    if (folder.empty() || ::access(path.c_str(), F_OK) != 0) return;
    try {
        out.token = read_token_file(path, path).front();
        out.token_from = path;
    } catch (const settings_error& e) {
        throw wrong_use(e.what());
    }
}

std::optional<std::string> roots_named(const std::string& file) {
    if (file.empty()) return std::nullopt;
    try {
        return read_roots(file, "DISTD_TLS_CA_FILE=" + file);
    } catch (const settings_error& e) {
        throw wrong_use(e.what());
    }
}

}  // namespace

std::string actor_of(const variable_function& variable, const std::string& host) {
    auto user = variable("SUDO_USER");
    if (user.empty()) user = variable("USER");
    if (user.empty()) user = variable("LOGNAME");
    auto actor = user.empty() ? host : user + "@" + host;
    // It is a field of a header, of 256 bytes at most.
    std::ranges::replace_if(
        actor, [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == 0x7F; }, '?');
    return actor.substr(0, 256);
}

registry_access find_registry_access(std::vector<std::string> registries, const variable_function& variable) {
    registry_access out;
    if (!registries.empty())
        out.registries = std::move(registries);
    else if (const auto named = variable("DISTD_REGISTRY"); !named.empty())
        out.registries = registries_in(named);
    out.token = variable(registry_access::token_variable);
    out.token_from = out.token.empty() ? "" : registry_access::token_variable;
    if (out.token.empty()) read_own_file(out, config_home(variable));
    if (!std::ranges::all_of(out.token, [](char c) { return c > ' ' && c < 0x7F; }))
        throw wrong_use(out.token_from + ": a token has visible ASCII characters only, and no spaces");
    out.roots = roots_named(variable("DISTD_TLS_CA_FILE"));
    out.actor = actor_of(variable, own_host());
    if (auto named = variable("DISTD_OPERATOR_SECRET"); !named.empty())
        out.secret_files = {std::move(named)};
    else  // below the usual data folders, of a shell and of the systemd units
        out.secret_files = {"data/registry/operator.secret",
                            "/var/lib/distd-registry/registry/operator.secret"};
    return out;
}

}  // namespace distd::ops::client

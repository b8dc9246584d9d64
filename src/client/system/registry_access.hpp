// Which registry the client asks, with which token and in whose name: of options, the environment and the
// user's own file. The token is never taken from the command line, where other users see it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace distd::ops::client {

struct registry_access {
    std::vector<std::string> registries{"http://127.0.0.1:3000"};
    static constexpr const char* token_variable = "DISTD_TOKEN";
    std::string token{};       // "": none
    std::string token_from{};  // that variable, or the path of a file
    // Of whom certificates of https:// addresses are taken (PEM); nothing: of those that the system trusts.
    std::optional<std::string> roots{};
    std::string actor{};  // for X-Distd-Actor
    // Where the registry's own secret may be, with which the operator of a system without access tokens
    // changes what belongs to its owner.
    std::vector<std::string> secret_files{};
};

using variable_function = std::function<std::string(const std::string& name)>;  // "": not set

// `registries`: of --registry; empty: not given. Throws wrong_use for a registry or a token that is no good.
[[nodiscard]] registry_access find_registry_access(std::vector<std::string> registries,
                                                   const variable_function& variable);

// $SUDO_USER or $USER, and the host.
[[nodiscard]] std::string actor_of(const variable_function& variable, const std::string& host);

}  // namespace distd::ops::client

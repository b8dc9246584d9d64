// What a built-in role is: a service like any stranger's, made from a row of a table.
// The constructor behind `make` opens files (throwing is exit code 1), mounts routes and starts background
// tasks on the `service` it is given, through include/distd only. A further role is one folder with
// `describe_x`, one word in CMakeLists.txt.
#pragma once

#include <cstdio>
#include <distd/service.hpp>
#include <distd/settings.hpp>
#include <memory>
#include <string>
#include <vector>

namespace distd {

class role {
public:
    virtual ~role() = default;
    // The path at which a person begins, for whoever prints the address; each call may make a link that signs
    // in once. Empty: the role has no pages.
    [[nodiscard]] virtual std::string entry_path() { return {}; }
};

// A command of the binary that does something with a role's files, without a service: distd NAME ...
struct role_command {
    std::string name;
    std::string form;     // what stands behind the name
    std::string summary;  // one line of --help
    // `arguments`: those behind the name. Returns the exit code.
    int (*run)(const std::vector<std::string>& arguments, std::FILE* out, std::FILE* err) = nullptr;
};

struct role_description {
    std::string name;             // as in --role
    std::string service_name;     // as registered; empty: it registers nowhere
    std::string default_address;  // HOST:PORT
    std::string summary;          // one line of --help
    std::vector<std::string> depends_on;
    std::vector<setting> settings;  // its rows of the table; nearly all begin with the role's name
    std::vector<role_command> commands{};
    std::unique_ptr<role> (*make)(service&) = nullptr;
    bool takes_other_sites = false;  // changes that a page of another site asks for: judged by its own routes
    // Throws settings_error when a row of its own holds what its kind alone cannot judge. May be missing.
    void (*check)(const distd::settings&) = nullptr;
    // Whether it comes by a certificate for its TLS itself. May be missing.
    bool (*brings_certificate)(const distd::settings&) = nullptr;
    // The setting of its own, as --NAME, that does nothing unless it listens with TLS; empty: none. May be
    // missing.
    std::string (*needs_tls)(const distd::settings&) = nullptr;
};

// Every role of this build, in the order of DISTD_ROLES.
[[nodiscard]] const std::vector<role_description>& all_roles();

}  // namespace distd

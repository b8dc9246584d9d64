// The `distd` binary: an operator's verb (src/client), or the chosen roles. Exit codes: see --help.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/app_settings.hpp"
#include "client/client.hpp"
#include "role/mount.hpp"
#include "sdk/process/command_line.hpp"

namespace {

using namespace distd;

int run_roles(const std::vector<std::string>& arguments) {
    // The client's: no settings, and nothing that a process should hand on.
    ::unsetenv("DISTD_TOKEN");
    ::unsetenv("DISTD_OPERATOR_SECRET");
    const auto& roles = all_roles();
    command_line line{"distd", app::usage(roles), app::app_settings(roles), {}, arguments};
    line.listeners = [&](const settings& given) {
        const auto chosen = app::roles_to_play(given, roles);
        for (const auto* r : chosen)
            if (r->check) r->check(given);
        return app::listeners_of(chosen, given);
    };

    std::optional<settings> given;
    if (const auto code = take_command_line(line, given)) return *code;
    return run_process(*given, [&](host& process) {
        const auto chosen = app::roles_to_play(*given, roles);
        const auto places = places_of(*given, app::listeners_of(chosen, *given));
        for (std::size_t i = 0; i < chosen.size(); ++i) mount_role(process, *chosen[i], places[i]);
    });
}

int print_log_files(const std::vector<std::string>& arguments) {
    const auto* command = app::command_of({"logs"}, all_roles());
    return command->run(arguments, stdout, stderr);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    if (ops::client::is_for_client(arguments, ::isatty(STDOUT_FILENO) == 1))
        return ops::client::run_client(arguments, {run_roles, print_log_files}, stdout, stderr);
    return run_roles(arguments);
}

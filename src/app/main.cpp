// The `distd` binary: judges its settings and runs the chosen roles. Exit codes: see --help.
#include <cstdio>
#include <string>
#include <vector>

#include "app/app_settings.hpp"
#include "role/mount.hpp"
#include "sdk/process/command_line.hpp"

int main(int argc, char** argv) {
    using namespace distd;
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto& roles = all_roles();
    if (const auto* command = app::command_of(arguments, roles))
        return command->run({arguments.begin() + 1, arguments.end()}, stdout, stderr);
    command_line line{"distd", app::usage(roles), app::app_settings(roles), {}, arguments};
    line.listeners = [&](const settings& given) {
        const auto chosen = app::roles_to_play(given, roles);
        for (const auto* r : chosen)
            if (r->check) r->check(given);
        return app::listeners_of(chosen);
    };

    std::optional<settings> given;
    if (const auto code = take_command_line(line, given)) return *code;
    return run_process(*given, [&](host& process) {
        const auto chosen = app::roles_to_play(*given, roles);
        const auto places = places_of(*given, app::listeners_of(chosen));
        for (std::size_t i = 0; i < chosen.size(); ++i) mount_role(process, *chosen[i], places[i]);
    });
}

// The `distd` binary: judges its settings and runs the chosen roles. Exit codes: see --help.
#include <string>
#include <vector>

#include "app/app_settings.hpp"
#include "role/mount.hpp"
#include "sdk/command_line.hpp"

int main(int argc, char** argv) {
    using namespace distd;
    const auto& roles = all_roles();
    command_line line{
        "distd", app::usage(roles), app::app_settings(roles), {}, {argv + (argc > 0 ? 1 : 0), argv + argc}};
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

// A service that is a process of its own: service::run and service::config.
#include <cstdlib>
#include <distd/service.hpp>
#include <memory>
#include <optional>

#include "sdk/process/command_line.hpp"
#include "sdk/process/host_settings.hpp"
#include "sdk/service_impl.hpp"

namespace distd {
namespace {

command_line command_line_of(service::impl& s) {
    auto table = host_settings();
    table.insert(table.end(), s.own_settings.begin(), s.own_settings.end());
    const auto usage = "Usage: " + s.folder + " [--name=value ...]\n\nThe service " + s.name + ".\n";
    return {s.folder, usage, std::move(table),
            [self = listener{s.folder, s.default_address}](const settings&) { return std::vector{self}; },
            s.arguments};
}

}  // namespace

const settings& service::config() {
    if (impl_->resources) return impl_->resources->config;
    if (!impl_->parsed) {
        std::optional<settings> parsed;
        if (const auto code = take_command_line(command_line_of(*impl_), parsed)) std::exit(*code);
        impl_->parsed = std::make_unique<settings>(*std::move(parsed));
    }
    return *impl_->parsed;
}

int service::run() {
    const auto line = command_line_of(*impl_);
    std::optional<settings> parsed;
    if (const auto code = take_command_line(line, parsed)) return *code;
    const auto place = places_of(*parsed, line.listeners(*parsed)).front();
    return run_process(*parsed, [&](host& process) { process.add(place, *this); });
}

}  // namespace distd

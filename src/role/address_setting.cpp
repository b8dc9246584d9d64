#include "role/address_setting.hpp"

#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"

namespace distd {

std::optional<http::address_filter> addresses_in(const settings& config, const std::string& setting_name) {
    const auto& rules = config.list(setting_name);
    if (rules.empty()) return std::nullopt;
    std::string error;
    auto filter = http::address_filter::parse(rules, error);
    if (!filter)
        throw settings_error(value_place(setting_name, joined(rules, ","), config.origin(setting_name)) +
                             ": " + error);
    return filter;
}

}  // namespace distd

#include "role/registry/core/alert_message.hpp"

#include <array>

#include "role/registry/core/named_values.hpp"

namespace distd::registry {
namespace {

constexpr std::array<std::string_view, 5> names{"lost", "back", "missing", "guard", "test"};

}  // namespace

std::string_view to_string(alert_kind k) noexcept { return names.at(static_cast<std::size_t>(k)); }

std::optional<alert_kind> to_alert_kind(std::string_view text) noexcept {
    return value_named<alert_kind>(names, text);
}

}  // namespace distd::registry

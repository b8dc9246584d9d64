#include "ops/model/facts.hpp"

#include <algorithm>

#include "base/parse_number.hpp"

namespace distd::ops {

std::string_view log_line::member(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find(members, name, [](const auto& m) { return std::string_view(m.first); });
    return found == members.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::int64_t> log_line::number(std::string_view name) const noexcept {
    return parse_number<std::int64_t>(member(name));
}

}  // namespace distd::ops

#include "ops/model/facts.hpp"

#include <algorithm>
#include <charconv>

namespace distd::ops {

std::string_view log_line::member(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find(members, name, [](const auto& m) { return std::string_view(m.first); });
    return found == members.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::int64_t> log_line::number(std::string_view name) const noexcept {
    const auto text = member(name);
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace distd::ops

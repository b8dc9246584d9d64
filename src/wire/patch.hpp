// The registry's push message to a service: instances added and removed among the services it requires.
#pragma once

#include <distd/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

struct patch_entry {
    std::string name;
    std::string url;

    friend bool operator==(const patch_entry&, const patch_entry&) = default;
};

struct patch {
    std::vector<patch_entry> added;
    std::vector<patch_entry> removed;

    [[nodiscard]] bool empty() const noexcept { return added.empty() && removed.empty(); }
    friend bool operator==(const patch&, const patch&) = default;
};

[[nodiscard]] std::optional<patch> parse_patch(std::string_view text, json_error& error);
[[nodiscard]] std::string to_wire(const patch&);

}  // namespace distd

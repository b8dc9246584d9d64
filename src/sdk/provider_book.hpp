// The instances that the registry told us of, by service. Pure. An Added that is held already changes
// nothing; URLs are kept exactly as they came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/patch.hpp"

namespace distd {

class provider_book {
public:
    // True when the patch changed anything.
    bool apply(const patch&);
    [[nodiscard]] std::vector<std::string> list(std::string_view service) const;
    // One of them by `draw` (any random number), or nothing.
    [[nodiscard]] std::optional<std::string> pick(std::string_view service, std::uint64_t draw) const;
    [[nodiscard]] bool has(std::string_view service) const noexcept;

    // For a registry that forgot us and cannot tell what has gone meanwhile. What is held stays in use, since
    // most of it is alive; what no later Added confirms is dropped by `drop_doubted`, which is true when
    // anything was, and from then on by `apply`. A service's doubted instances are dropped only once another
    // of its instances is confirmed: services that never register twice are forgotten by the registry, and
    // alive.
    void doubt_all() noexcept;
    bool drop_doubted();

private:
    struct provider {
        std::string url;
        bool doubted = false;
    };

    bool add(const patch_entry&);
    bool remove(const patch_entry&);

    std::map<std::string, std::vector<provider>, std::less<>> providers_;  // no empty lists
    bool doubts_are_old_ = false;
};

}  // namespace distd

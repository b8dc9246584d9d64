// The instances that the registry has pushed to us, by service. Pure. An Added of a known instance changes
// nothing; URLs are kept exactly as they came. Bound: the bytes of all of them; what does not fit is
// ignored and counted, since a caller that knows many instances can do without some.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "wire/patch.hpp"

namespace distd {

class provider_book {
public:
    static constexpr std::size_t max_bytes = 16 << 20;

    // True when the patch changed anything.
    bool apply(const patch&);
    [[nodiscard]] std::vector<std::string> list(std::string_view service) const;
    // One of them by `draw` (any random number), or nothing.
    [[nodiscard]] std::optional<std::string> pick(std::string_view service, std::uint64_t draw) const;
    [[nodiscard]] bool has(std::string_view service) const noexcept;

    // For a registry that lost its data and so cannot send what was removed meanwhile. Known instances stay
    // in use, since most are alive; those that no later Added confirms are dropped by `drop_doubted`, which
    // is true when there were any, and from then on by `apply`. A service's doubted instances are dropped
    // only once another of its instances is confirmed: services that never register twice are forgotten by
    // the registry, and alive.
    void doubt_all() noexcept;
    bool drop_doubted();

    [[nodiscard]] std::uint64_t passed_over() const noexcept { return passed_over_; }

private:
    struct instances {
        std::vector<std::string> urls;            // in the order of their Added
        std::unordered_set<std::string> doubted;  // of these
        std::unordered_set<std::string> held;
    };

    bool add(const patch_entry&);
    bool remove(const patch_entry&);
    void forget(instances& of, const std::string& url);
    [[nodiscard]] static std::size_t bytes_of(const std::string& url) noexcept;

    std::map<std::string, instances, std::less<>> providers_;  // no empty lists
    std::size_t bytes_ = 0;
    std::uint64_t passed_over_ = 0;
    bool doubts_are_old_ = false;
};

}  // namespace distd

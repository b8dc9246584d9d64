// Instances that were taken off the list since their probes failed for too long. Each stays known for a while
// and is asked now and then whether it is well: what was only frozen, or cut off, comes back by itself. Pure:
// `now` and random draws are passed in.
//
// Bounded: of more than `max_known` the one that went first is forgotten.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "role/registry/core/registrant.hpp"
#include "wire/registration.hpp"

namespace distd::registry {

class gone_instances {
public:
    static constexpr std::size_t max_known = 256;
    static constexpr milliseconds known_for{3'600'000};
    // Between two probes of one: so all of them together are at most 26 a second.
    static constexpr milliseconds min_pause{10'000};
    static constexpr milliseconds max_pause{30'000};

    struct gone {
        registration that;
        registrant by;
    };

    void put(gone, steady_point now, std::uint64_t draw);
    void forget(std::string_view url);

    [[nodiscard]] const gone* find(std::string_view url) const noexcept;
    // One that is to be probed now; null: none is. Its next probe comes after a pause.
    [[nodiscard]] const gone* take(steady_point now, std::uint64_t draw);
    [[nodiscard]] steady_point next_due() const noexcept;  // when to ask for one again
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

private:
    struct entry {
        gone that;
        steady_point until;
        steady_point due;
    };

    std::map<std::string, entry, std::less<>> all_;  // few: looked through from end to end
};

}  // namespace distd::registry

// What can happen to a registry's state, and the state as it is kept.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "wire/patch.hpp"
#include "wire/registration.hpp"

namespace distd::registry {

// Changes, each with the revision that it makes current.
struct put_change {
    registration that;
    std::uint64_t revision = 0;  // becomes the generation, too
};
struct remove_change {
    std::string url;
    std::uint64_t generation = 0;  // only this one; 0: whichever
    std::uint64_t revision = 0;
};
struct offer_change {
    std::string url;
    std::uint64_t generation = 0;
    bool offered = true;
    std::uint64_t revision = 0;
};
// Brings a subscriber's mark forward; makes no revision current.
struct settled_change {
    std::string url;
    std::uint64_t generation = 0;
    std::uint64_t settled = 0;
};
// Forgets withdrawn entries that every subscriber is known to have been told of.
struct tidy_change {};
using change = std::variant<put_change, remove_change, offer_change, settled_change, tidy_change>;

struct kept_instance {
    registration that;
    bool offered = true;
    std::uint64_t generation = 0;
    std::uint64_t revision = 0;
    std::uint64_t settled = 0;  // 0: was never brought up to date
};
struct withdrawn_row {
    patch_entry entry;
    std::uint64_t revision = 0;
};
struct kept_state {
    std::string id;  // of this set of data: another one means that the data was lost
    std::uint64_t revision = 0;
    std::vector<kept_instance> instances;
    std::vector<withdrawn_row> withdrawn;
};

}  // namespace distd::registry

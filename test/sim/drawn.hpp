// What histories draw.
#pragma once

#include <distd/time.hpp>
#include <iterator>

#include "sim/chance.hpp"

namespace distd::sim {

// Short ones as likely as long ones, by their order of magnitude.
inline milliseconds span(chance& c, milliseconds min, milliseconds max) {
    auto top = max.count();
    while (top / 2 > min.count() && c.one_in(2)) top /= 2;
    return milliseconds(static_cast<milliseconds::rep>(
        c.between(static_cast<std::uint64_t>(min.count()), static_cast<std::uint64_t>(top))));
}

template <class List>
auto& pick(chance& c, List& list) {
    return list[c.below(std::size(list))];
}

}  // namespace distd::sim

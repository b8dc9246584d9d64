// That nobody repeats a proven call: each key numbers its calls, one after the other, and a call counts only
// if its number is above all that were taken before. So an older call that somebody has kept back is void as
// soon as a newer one has arrived. Pure. Bound: keys remembered; those whose last call is too old to come
// again make room, and while there are none, no other key's calls are taken.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string>

#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class call_order {
public:
    static constexpr std::size_t max_keys = 1 << 17;

    // `lifetime`: for how long a call could come again at all.
    explicit call_order(milliseconds lifetime, std::size_t max = max_keys) : lifetime_(lifetime), max_(max) {}

    enum class judgement : std::uint8_t { fresh, overtaken, full };
    [[nodiscard]] judgement take(const std::string& key, std::uint64_t number, steady_point now);

private:
    struct latest {
        std::uint64_t number;
        steady_point at;
    };
    [[nodiscard]] bool make_room(steady_point now);

    milliseconds lifetime_;
    std::size_t max_;
    url_map<latest> keys_;
    steady_point room_at_{};  // before it nothing is too old: it need not be looked through again
};

}  // namespace distd::registry

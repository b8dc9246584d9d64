// That nobody repeats a proven call: each key numbers its calls, one after the other, and a call counts only
// if its number is above all that were taken before. So an older call that somebody has kept back is void as
// soon as a newer one has arrived. Pure. Bound: keys remembered; those whose last call is too old to come
// again make room, and while there are none, no other key's calls are taken.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string>
#include <string_view>

#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class call_order {
public:
    static constexpr std::size_t max_keys = 1 << 17;

    // `lifetime`: for how long a call could come again at all.
    explicit call_order(milliseconds lifetime, std::size_t max = max_keys)
        : lifetime_(lifetime), max_(max), max_of_source_(max / 2) {}

    enum class judgement : std::uint8_t { fresh, overtaken, full };
    // `address`: of the sender.
    [[nodiscard]] judgement take(const std::string& key, std::uint64_t number, std::string_view address,
                                 steady_point now);

private:
    using source_keys = url_map<std::size_t>;  // how many are of a source
    struct latest {
        std::uint64_t number;
        steady_point at;
        source_keys::value_type* of;
    };
    [[nodiscard]] bool make_room(steady_point now);

    milliseconds lifetime_;
    std::size_t max_;
    std::size_t max_of_source_;
    source_keys sources_;
    url_map<latest> keys_;
    steady_point room_at_{};  // before it nothing is too old: it need not be looked through again
};

}  // namespace distd::registry

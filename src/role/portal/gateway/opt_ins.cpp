#include "role/portal/gateway/opt_ins.hpp"

#include <utility>

namespace distd::portal {

void opt_ins::add(std::string place, wire::url_proof proof, bool has_opted_in) {
    if (proof == wire::url_proof::none) return;
    const bool is_confirmed = proof == wire::url_proof::confirmed;
    const auto [found, is_first] =
        places_.try_emplace(std::move(place), statements{is_confirmed, has_opted_in});
    auto& s = found->second;
    if (is_first || (s.is_confirmed && !is_confirmed)) return;
    if (is_confirmed && !s.is_confirmed)
        s = {true, has_opted_in};
    else if (is_confirmed)
        s.has_opted_in = s.has_opted_in || has_opted_in;  // one process may register several services
    else
        s.has_opted_in = s.has_opted_in && has_opted_in;
}

opt_ins::state opt_ins::at(std::string_view place) const {
    const auto found = places_.find(place);
    if (found == places_.end()) return state::unknown;
    return found->second.has_opted_in ? state::open : state::closed;
}

}  // namespace distd::portal

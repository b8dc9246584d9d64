// Branches that real life takes once in a long while, and a simulation as often as it draws: a commit that is
// refused, a connection that is gone before it is used, a batch that is cut short. Each must be one that may
// be taken at any time, so that no promise depends on it.
//
// Where DISTD_RARE_BRANCHES is not defined, as in what is released, it is `false`, and no code.
#pragma once

#include <functional>
#include <string_view>

namespace distd {

// Whether to take the branch of that name now. No, until somebody has said how that is decided.
[[nodiscard]] bool is_taken_rarely(const char* name);

// From now on, and not at all with an empty function. To be said before any thread is started.
void decide_rare_branches(std::function<bool(std::string_view name)>);

}  // namespace distd

#ifdef DISTD_RARE_BRANCHES
#define DISTD_RARELY(name) ::distd::is_taken_rarely(name)
#else
#define DISTD_RARELY(name) false
#endif

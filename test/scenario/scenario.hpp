// What scenarios have in common: processes in either world with intervals that suit it, and questions to a
// registry, a log service and a grade book. Foreign peers run in threads of their own with real time, in both
// worlds.
#pragma once

#include <string>
#include <vector>

#include "support/foreign_service.hpp"
#include "support/world.hpp"

namespace distd::test {

using strings = std::vector<std::string>;

// The intervals of a world. In the test's own process time is fake and runs many times faster than the
// threads of foreign peers: what they must answer has long deadlines there.
[[nodiscard]] strings pace(const in_process_world& w);
[[nodiscard]] strings pace(const process_world& w);

[[nodiscard]] strings with(strings flags, const strings& more);
[[nodiscard]] std::string listen_at(const std::string& role,
                                    const std::string& url);    // the flag for a port it had before
[[nodiscard]] std::string registry_at(const std::string& url);  // the flag

// Starts a role in a process of its own, which has the role's name; its address.
template <class World>
std::string start_role(World& w, const std::string& role, const strings& more = {}) {
    w.start(role, role, with(pace(w), more));
    return w.address(role, role);
}

// Waits for what needs no time to pass but what foreign threads take; then, as long as a world waits, for
// time as well.
void soon(in_process_world& w, const std::string& what, const std::function<bool()>& holds);
void soon(process_world& w, const std::string& what, const std::function<bool()>& holds);

// Ends a process without its farewell; in one process there is no such end, and it stops.
void crash(in_process_world& w, const std::string& name);
void crash(process_world& w, const std::string& name);

// What the registry lists of a name.
struct listed_instance {
    std::string url;
    std::string health;
};
[[nodiscard]] std::vector<listed_instance> listed(world& w, const std::string& registry,
                                                  const std::string& name);

// Lines that the log service keeps with `words` in them, oldest first.
[[nodiscard]] strings log_lines(world& w, const std::string& log_url, const std::string& words);

// Registers a foreign service and waits for its 200.
template <class World>
void enroll(World& w, foreign_service& s, const std::string& registry) {
    const auto before = s.answers("POST").size();
    s.enroll(registry);
    soon(w, "a foreign service is registered",
         [&] { return s.answers("POST").size() > before && s.registered(); });
}

}  // namespace distd::test

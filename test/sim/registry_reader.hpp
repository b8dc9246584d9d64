// Looks at a registry from outside, again and again over all its lives, and says which promise what it reads
// breaks: indexes that go back, a timeline that loses or repeats, data that is another's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/peer_http.hpp"

namespace distd::sim {

struct listed_instance {
    std::string name;
    std::string url;
    std::string health;
    bool is_drained = false;
};

class registry_reader {
public:
    // Throw broken_promise. Answers without a status, or of a registry that is not ready, tell nothing.
    [[nodiscard]] std::vector<listed_instance> read_list(const peer_answer&);
    void read_timeline(const peer_answer&);

private:
    void see_index(const peer_answer&);
    void see_events(const std::map<std::uint64_t, std::string>&);

    std::string id_;
    std::uint64_t index_ = 0;
    std::map<std::uint64_t, std::string> events_;  // that must not change any more
};

}  // namespace distd::sim

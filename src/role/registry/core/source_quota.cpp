#include "role/registry/core/source_quota.hpp"

#include "base/assert.hpp"
#include "base/source_name.hpp"

namespace distd::registry {

source_quota::answer source_quota::claim(const share& wanted, const share* replaced) {
    const source_name name(wanted.source);
    auto found = holdings_.find(name.text());
    auto held = found == holdings_.end() ? holding() : found->second;
    auto in_all = bytes_;
    if (replaced) in_all -= replaced->bytes;
    if (replaced && source_name(replaced->source).text() == name.text()) {
        --held.instances;
        held.bytes -= replaced->bytes;
    }
    if (held.instances >= limits_.max_instances) return answer::too_many;
    if (held.bytes + wanted.bytes > limits_.max_bytes) return answer::too_large;
    if (in_all + wanted.bytes > limits_.max_bytes_in_all) return answer::all_too_large;
    if (found == holdings_.end()) found = holdings_.try_emplace(std::string(name.text())).first;
    add(found->second, wanted.bytes);
    return answer::granted;
}

void source_quota::restore(const share& s) {
    add(holdings_[std::string(source_name(s.source).text())], s.bytes);
}

void source_quota::add(holding& to, std::size_t bytes) {
    ++to.instances;
    to.bytes += bytes;
    bytes_ += bytes;
}

void source_quota::give_back(const share& s) {
    const auto found = holdings_.find(source_name(s.source).text());
    DISTD_ASSERT(found != holdings_.end() && found->second.bytes >= s.bytes);
    bytes_ -= s.bytes;
    found->second.bytes -= s.bytes;
    if (--found->second.instances == 0) holdings_.erase(found);
}

std::size_t source_quota::held_by(const std::string& source) const {
    const auto found = holdings_.find(source_name(source).text());
    return found == holdings_.end() ? 0 : found->second.instances;
}

}  // namespace distd::registry

#include "role/registry/core/source_quota.hpp"

#include "base/assert.hpp"
#include "base/source_name.hpp"

namespace distd::registry {
namespace {

std::string name_of(const std::string& address) { return std::string(source_name(address).text()); }

}  // namespace

source_quota::answer source_quota::claim(const share& wanted, const share* replaced) {
    const auto name = name_of(wanted.source);
    const auto found = holdings_.find(name);
    auto held = found == holdings_.end() ? holding() : found->second;
    auto in_all = bytes_;
    if (replaced) in_all -= replaced->bytes;
    if (replaced && name_of(replaced->source) == name) {
        --held.instances;
        held.bytes -= replaced->bytes;
    }
    if (held.instances >= limits_.max_instances) return answer::too_many;
    if (held.bytes + wanted.bytes > limits_.max_bytes) return answer::too_large;
    if (in_all + wanted.bytes > limits_.max_bytes_in_all) return answer::all_too_large;
    restore(wanted);
    return answer::granted;
}

void source_quota::restore(const share& s) {
    auto& held = holdings_[name_of(s.source)];
    ++held.instances;
    held.bytes += s.bytes;
    bytes_ += s.bytes;
}

void source_quota::give_back(const share& s) {
    const auto found = holdings_.find(name_of(s.source));
    DISTD_ASSERT(found != holdings_.end() && found->second.bytes >= s.bytes);
    bytes_ -= s.bytes;
    found->second.bytes -= s.bytes;
    if (--found->second.instances == 0) holdings_.erase(found);
}

std::size_t source_quota::held_by(const std::string& source) const {
    const auto found = holdings_.find(name_of(source));
    return found == holdings_.end() ? 0 : found->second.instances;
}

}  // namespace distd::registry

#include "role/registry/core/name_indexes.hpp"

#include <algorithm>

namespace distd::registry {

void name_indexes::restore_floor(std::uint64_t floor) {
    floor_ = std::max(floor_, floor);
    latest_ = std::max(latest_, floor_);
}

void name_indexes::restore(std::string_view name, std::uint64_t index, bool has_instances) {
    const auto known = names_.find(name);
    if (known != names_.end()) has_instances = has_instances || known->second.has_instances;
    set(name, std::max(index, floor_), has_instances);
}

void name_indexes::note_latest(std::uint64_t index) { latest_ = std::max(latest_, index); }

void name_indexes::changed(std::string_view name, std::uint64_t revision, bool has_instances) {
    set(name, std::max(revision, floor_), has_instances);
}

void name_indexes::set(std::string_view name, std::uint64_t index, bool has_instances) {
    auto place = names_.find(name);
    if (place == names_.end()) {
        place = names_.try_emplace(std::string(name)).first;
    } else {
        index = std::max(index, place->second.index);
        if (!place->second.has_instances) departed_.erase(place->second.index);
    }
    place->second = {index, ++last_text_version_, has_instances};
    if (!has_instances) departed_.insert_or_assign(index, &*place);
    latest_ = std::max(latest_, index);
}

void name_indexes::text_changed(std::string_view name) {
    const auto found = names_.find(name);
    if (found != names_.end()) found->second.text_version = ++last_text_version_;
}

std::uint64_t name_indexes::of(std::string_view name) const noexcept {
    const auto found = names_.find(name);
    return found == names_.end() ? floor_ : found->second.index;
}

std::uint64_t name_indexes::text_version(std::string_view name) const noexcept {
    const auto found = names_.find(name);
    return found == names_.end() ? 0 : found->second.text_version;
}

std::uint64_t name_indexes::to_forget() const {
    if (departed_.size() <= max_departed) return 0;
    const auto surplus = static_cast<std::ptrdiff_t>(departed_.size() - max_departed);
    return std::next(departed_.begin(), surplus - 1)->first;
}

void name_indexes::forget(std::uint64_t up_to) {
    while (!departed_.empty() && departed_.begin()->first <= up_to) {
        floor_ = std::max(floor_, departed_.begin()->first);
        names_.erase(names_.find(departed_.begin()->second->first));
        departed_.erase(departed_.begin());
    }
}

}  // namespace distd::registry

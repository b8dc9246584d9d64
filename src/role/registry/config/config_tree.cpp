#include "role/registry/config/config_tree.hpp"

#include <algorithm>
#include <utility>

namespace distd::registry {
namespace {

constexpr std::size_t entry_overhead = 256;

}  // namespace

bool is_directory(std::string_view path) noexcept { return path.empty() || path.back() == '/'; }

void for_each_directory_of(std::string_view key, const std::function<void(std::string_view)>& use) {
    use("");
    for (auto slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/', slash + 1))
        use(key.substr(0, slash + 1));
}

std::size_t weight_of(const config_entry& e) noexcept {
    return entry_overhead + e.key.size() + e.media_type.size() + e.reason_bytes + e.value->size();
}

void config_tree::put(config_entry e) {
    for_each_directory_of(e.key, [this, &e](std::string_view directory) {
        auto place = directories_.find(directory);
        if (place == directories_.end()) place = directories_.emplace(directory, 0).first;
        place->second = std::max(place->second, e.index);
    });
    auto& kept = entries_[e.key];
    count(kept, false);
    kept = std::move(e);
    count(kept, true);
}

void config_tree::count(const config_entry& e, bool comes) noexcept {
    if (!e.value) return;
    const auto weight = weight_of(e);
    keys_ += comes ? 1 : -1;
    bytes_ += comes ? weight : -weight;
}

void config_tree::forget(std::uint64_t up_to) {
    if (up_to <= min_index_) return;
    min_index_ = up_to;
    std::erase_if(entries_, [&](const auto& e) { return !e.second.value && e.second.index <= up_to; });
    std::erase_if(directories_, [&](const auto& d) {
        const auto first = entries_.lower_bound(d.first);
        const bool is_empty = first == entries_.end() || !first->first.starts_with(d.first);
        return is_empty && d.second <= up_to;
    });
}

const config_entry* config_tree::find(std::string_view key) const noexcept {
    const auto place = entries_.find(key);
    return place != entries_.end() && place->second.value ? &place->second : nullptr;
}

std::vector<const config_entry*> config_tree::list(std::string_view directory) const {
    std::vector<const config_entry*> found;
    for (auto e = entries_.lower_bound(directory); e != entries_.end(); ++e) {
        if (!e->first.starts_with(directory)) break;
        if (e->second.value) found.push_back(&e->second);
    }
    return found;
}

std::uint64_t config_tree::index_of(std::string_view path) const noexcept {
    std::uint64_t own = 0;
    if (is_directory(path)) {
        const auto place = directories_.find(path);
        if (place != directories_.end()) own = place->second;
    } else {
        const auto place = entries_.find(path);
        if (place != entries_.end()) own = place->second.index;
    }
    return std::max(own, min_index_);
}

}  // namespace distd::registry

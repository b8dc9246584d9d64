#include "role/registry/list_texts.hpp"

#include "base/random.hpp"
#include "role/registry/core/history_listing.hpp"
#include "role/registry/prometheus_targets.hpp"

namespace distd::registry {
namespace {

http::shared_text share(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}  // namespace

list_texts::list_texts(const directory& d) : directory_(d), life_(random_hex(8)) {}

std::string list_texts::etag_of(std::string_view kind, std::uint64_t version) const {
    return life_ + std::string(kind) + std::to_string(version);
}

const tagged_text& list_texts::all(moment now) {
    const auto version = directory_.version();
    if (!all_.text || all_.version != version)
        all_ = {{share(all_as_json(directory_, now)), etag_of("a", version)}, version};
    return all_;
}

const tagged_text* list_texts::named(std::string_view name, moment now) {
    const auto version = directory_.names().text_version(name);
    auto place = named_.find(name);
    if (place != named_.end() && place->second.version == version) return &place->second;
    if (directory_.instances().named(name).empty()) return nullptr;
    if (place == named_.end()) place = named_.try_emplace(std::string(name)).first;
    place->second = {{share(named_as_json(directory_, name, now)), etag_of("n", version)}, version};
    return &place->second;
}

const tagged_text& list_texts::graph() {
    const auto version = directory_.names().of_all();
    if (!graph_.text || graph_.version != version)
        graph_ = {{share(graph_as_json(directory_)), etag_of("g", version)}, version};
    return graph_;
}

http::shared_text list_texts::targets(std::string_view name) {
    const auto version = name.empty() ? directory_.version() : directory_.names().text_version(name);
    auto place = targets_.find(name);
    if (place != targets_.end() && place->second.version == version) return place->second.text;
    auto text = share(prometheus_targets(directory_, name));
    // Nothing is kept for a name that somebody made up.
    if (!name.empty() && directory_.instances().named(name).empty()) return text;
    if (place == targets_.end()) place = targets_.try_emplace(std::string(name)).first;
    place->second = {{std::move(text), {}}, version};
    return place->second.text;
}

const tagged_text& list_texts::histories(wire::time_range r, steady_point now) {
    const auto version = directory_.history_version();
    const auto range = static_cast<std::size_t>(r);
    auto& kept = histories_.at(range);
    if (kept.text && (kept.version == version || now < histories_due_.at(range))) return kept;
    kept = {{share(histories_as_json(directory_, r)), etag_of("h" + std::to_string(range) + "-", version)},
            version};
    histories_due_.at(range) =
        directory_.instances().all().size() > few_histories ? now + pause_between_histories : now;
    return kept;
}

http::shared_text list_texts::filtered(const list_filter& filter, moment now) {
    const auto version = directory_.version();
    if (filtered_version_ == version)
        if (const auto known = filtered_.find(filter); known != filtered_.end())
            if (!filter.details || now.steady < known->second.made_at + details_hold_for)
                return known->second.text;
    auto text = share(filtered_as_json(directory_, filter, now));
    const bool is_full =
        filtered_.size() >= max_filtered || filtered_bytes_ + text->size() > max_filtered_bytes;
    if (is_full || filtered_version_ != version) {
        filtered_.clear();
        filtered_bytes_ = 0;
        filtered_version_ = version;
    }
    auto& kept = filtered_[filter];
    filtered_bytes_ += text->size() - (kept.text ? kept.text->size() : 0);
    kept = {std::move(text), now.steady};
    return kept.text;
}

void list_texts::drop(std::string_view name) {
    const auto found = named_.find(name);
    if (found != named_.end()) named_.erase(found);
    const auto targets = targets_.find(name);
    if (targets != targets_.end()) targets_.erase(targets);
}

}  // namespace distd::registry

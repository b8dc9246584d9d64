// Shared sources by what is asked, such as the lines of one service: the `max_sources` that were used last.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ops/sources/shared_source.hpp"

namespace distd::ops {

template <class T>
class source_cache {
public:
    using fetch_function = std::function<task<fetched<T>>(std::string key)>;
    static constexpr std::size_t max_sources = 32;

    source_cache(service& s, std::string name, milliseconds max_age, fetch_function fetch)
        : service_(s), name_(std::move(name)), max_age_(max_age), fetch_(std::move(fetch)) {}

    // The source stays for as long as somebody waits for it, also when others evict it.
    [[nodiscard]] task<source_view<T>> current(std::string key, std::optional<steady_point> asked = {}) {
        const auto source = find(key);
        co_return co_await source->current(asked);
    }
    [[nodiscard]] task<source_view<T>> current(std::string key, shared_source<bool>& presence,
                                               std::optional<steady_point> asked) {
        const auto source = find(key);
        co_return co_await while_present(*source, presence, asked);
    }

    void refresh(const std::string& key) { find(key)->refresh(); }

private:
    struct entry {
        std::shared_ptr<shared_source<T>> source;
        std::uint64_t used = 0;
    };

    [[nodiscard]] std::shared_ptr<shared_source<T>> find(const std::string& key) {
        auto& at = entries_[key];
        at.used = ++uses_;
        if (!at.source)
            at.source = std::make_shared<shared_source<T>>(service_, name_, max_age_,
                                                           [this, key] { return fetch_(key); });
        auto source = at.source;
        if (entries_.size() > max_sources) drop_oldest();
        return source;
    }

    void drop_oldest() {
        auto oldest = entries_.end();
        for (auto it = entries_.begin(); it != entries_.end(); ++it)
            if (!it->second.source->is_busy() &&
                (oldest == entries_.end() || it->second.used < oldest->second.used))
                oldest = it;
        if (oldest != entries_.end() && oldest->second.used != uses_) entries_.erase(oldest);
    }

    service& service_;
    std::string name_;
    milliseconds max_age_;
    fetch_function fetch_;
    std::map<std::string, entry> entries_;
    std::uint64_t uses_ = 0;
};

}  // namespace distd::ops

#include "role/console/changes/undo_book.hpp"

#include <algorithm>
#include <utility>

#include "base/random.hpp"

namespace distd::ops::console {

std::string undo_book::keep(undo_call call, steady_point now) {
    std::erase_if(entries_, [&](const auto& e) { return e.second.until < now; });
    if (entries_.size() >= max_entries)
        entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.until; }));
    auto word = random_hex(32);
    entries_[word] = {std::move(call), now + age};
    return word;
}

const undo_call* undo_book::find(std::string_view word, steady_point now) const {
    const auto found = entries_.find(word);
    return found == entries_.end() || found->second.until < now ? nullptr : &found->second.call;
}

std::optional<undo_call> undo_book::take(std::string_view word, steady_point now) {
    const auto found = entries_.find(word);
    if (found == entries_.end()) return std::nullopt;
    auto taken = std::move(found->second);
    entries_.erase(found);
    if (taken.until < now) return std::nullopt;
    return std::move(taken.call);
}

}  // namespace distd::ops::console

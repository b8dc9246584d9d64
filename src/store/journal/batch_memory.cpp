#include "store/journal/batch_memory.hpp"

#include <algorithm>

#include "base/rarely.hpp"

namespace distd {
namespace {

// However often a simulation forgets: those that are sent again within moments.
constexpr std::size_t always_kept = 8;

}  // namespace

// Neither of the two has a space.
std::string batch_memory::key_of(std::string_view id, std::string_view sender) {
    std::string key;
    key.reserve(id.size() + 1 + sender.size());
    return key.append(id).append(1, ' ').append(sender);
}

std::size_t batch_memory::cost_of(const table::value_type& v) noexcept {
    constexpr std::size_t of_node_and_order = 40;
    return sizeof v + of_node_and_order + v.first.capacity() + v.second.content.capacity();
}

const batch_memory::remembered* batch_memory::find(std::string_view id, std::string_view sender) const {
    auto it = known_.find(key_of(id, sender));
    if (it == known_.end() && !sender.empty()) it = known_.find(key_of(id, {}));
    return it == known_.end() ? nullptr : &it->second;
}

void batch_memory::add(const sender_batch& b, std::uint64_t at) {
    const auto [it, is_new] =
        known_.try_emplace(key_of(b.id, b.sender), remembered{b.content, b.first, b.lines, at});
    if (!is_new) return;
    order_.push_back(&it->first);
    bytes_ += cost_of(*it);
    const auto is_over = [&] {
        return bytes_ > limits_.bytes || oldest_at() + limits_.seconds < at ||
               (order_.size() > always_kept && DISTD_RARELY("id memory full"));
    };
    while (order_.size() > 1 && is_over()) {
        const auto* const key = order_.front();
        order_.pop_front();
        forget(*key);
    }
}

void batch_memory::take_back(std::size_t count) {
    for (; count > 0 && !order_.empty(); --count) {
        const auto* const key = order_.back();
        order_.pop_back();
        forget(*key);
    }
}

void batch_memory::forget(const std::string& key) {
    const auto it = known_.find(key);
    bytes_ -= cost_of(*it);
    known_.erase(it);
}

std::vector<batch_memory::dated_batch> batch_memory::newest(std::size_t count) const {
    std::vector<dated_batch> found;
    for (auto i = order_.size() - std::min(count, order_.size()); i < order_.size(); ++i) {
        const auto& [key, known] = *known_.find(*order_[i]);
        const auto space = key.find(' ');
        found.push_back(
            {{key.substr(0, space), key.substr(space + 1), known.content, known.first, known.lines},
             known.at});
    }
    return found;
}

std::uint64_t batch_memory::oldest_at() const noexcept {
    return order_.empty() ? 0 : known_.find(*order_.front())->second.at;
}

}  // namespace distd

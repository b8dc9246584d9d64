#include "role/grading/core/roster.hpp"

#include <algorithm>

#include "role/grading/core/fold.hpp"

namespace distd::grading {
namespace {

std::vector<std::string> words_of(std::string_view text) {
    const auto plain = folded(text);
    std::vector<std::string> words;
    for (std::string_view rest = plain; !rest.empty();) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

}  // namespace

std::optional<roster_order> parse_order(std::string_view text) {
    roster_order order;
    if (text.starts_with('-')) {
        order.descending = true;
        text.remove_prefix(1);
    }
    if (text == "id")
        order.key = sort_key::id;
    else if (text == "name")
        order.key = sort_key::name;
    else if (text == "average")
        order.key = sort_key::average;
    else
        return std::nullopt;
    return order;
}

void roster::put(std::int64_t id, std::string_view first_name, std::string_view last_name,
                 std::optional<double> average) {
    row next{id, folded(last_name) + '\x1f' + folded(first_name),
             folded(first_name) + ' ' + folded(last_name), average};
    const auto [at, is_new] = rows_.try_emplace(id);
    auto& kept = at->second;
    const bool names = is_new || kept.sorted_name != next.sorted_name;
    const bool averages = is_new || kept.average != next.average;
    const auto moves = [&](sort_key key) {
        return key == sort_key::id ? is_new : key == sort_key::name ? names : averages;
    };
    if (!is_new)
        for (auto& [order, sorted] : orders_)
            if (moves(order.key)) sorted.erase(place_of(order, sorted, kept));
    kept = std::move(next);
    for (auto& [order, sorted] : orders_)
        if (moves(order.key)) sorted.insert(place_of(order, sorted, kept), &kept);
}

void roster::put_average(std::int64_t id, std::optional<double> average) {
    auto& kept = rows_.at(id);
    if (kept.average == average) return;
    for (auto& [order, sorted] : orders_)
        if (order.key == sort_key::average) sorted.erase(place_of(order, sorted, kept));
    kept.average = average;
    for (auto& [order, sorted] : orders_)
        if (order.key == sort_key::average) sorted.insert(place_of(order, sorted, kept), &kept);
}

void roster::remove(std::int64_t id) {
    const auto at = rows_.find(id);
    if (at == rows_.end()) return;
    for (auto& [order, sorted] : orders_) sorted.erase(place_of(order, sorted, at->second));
    rows_.erase(at);
}

roster::page roster::select(const roster_query& q) {
    const auto& sorted = in_order(q.order);
    const auto words = words_of(q.text);
    page found;
    if (words.empty()) {
        found.total = sorted.size();
        for (auto i = q.skip; i < sorted.size() && found.ids.size() < q.limit; ++i)
            found.ids.push_back(sorted[i]->id);
        return found;
    }
    for (const auto* r : sorted) {
        const bool fits = std::all_of(words.begin(), words.end(), [r](const std::string& word) {
            return r->searched_name.find(word) != std::string::npos;
        });
        if (!fits) continue;
        if (found.total >= q.skip && found.ids.size() < q.limit) found.ids.push_back(r->id);
        ++found.total;
    }
    return found;
}

const roster::sorted_rows& roster::in_order(const roster_order& order) {
    const auto [at, is_new] = orders_.try_emplace(order);
    auto& sorted = at->second;
    if (!is_new) return sorted;
    for (const auto& [id, r] : rows_) sorted.push_back(&r);
    std::sort(sorted.begin(), sorted.end(),
              [&](const row* a, const row* b) { return is_before(order, *a, *b); });
    return sorted;
}

roster::sorted_rows::iterator roster::place_of(const roster_order& order, sorted_rows& sorted, const row& r) {
    return std::lower_bound(sorted.begin(), sorted.end(), &r,
                            [&](const row* a, const row* b) { return is_before(order, *a, *b); });
}

bool roster::is_before(const roster_order& order, const row& a, const row& b) {
    if (order.key == sort_key::name) {
        const auto compared = a.sorted_name.compare(b.sorted_name);
        if (compared != 0) return order.descending ? compared > 0 : compared < 0;
    }
    if (order.key == sort_key::average && a.average != b.average) {
        if (!a.average || !b.average) return a.average.has_value();
        return order.descending ? *a.average > *b.average : *a.average < *b.average;
    }
    const bool downwards = order.key == sort_key::id && order.descending;
    return downwards ? a.id > b.id : a.id < b.id;
}

}  // namespace distd::grading

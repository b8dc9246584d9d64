// Values by random keys that nobody can guess, each until its time: sessions, links that sign in, calls that
// undo a change. In memory only. Bound: a number of values, of which the one that would expire first makes
// room.
#pragma once

#include <algorithm>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.hpp"

namespace distd::ops::console {

template <class Value>
class expiring_map {
public:
    // `digits`: of a key.
    expiring_map(std::size_t max_values, std::size_t digits) : max_values_(max_values), digits_(digits) {}

    // Returns its key.
    [[nodiscard]] std::string add(Value value, milliseconds age, steady_point now) {
        std::erase_if(entries_, [&](const auto& e) { return e.second.until < now; });
        if (entries_.size() >= max_values_)
            entries_.erase(
                std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.until; }));
        auto key = random_hex(digits_);
        entries_.insert_or_assign(key, entry{std::move(value), now + age});
        return key;
    }

    // Null: there is none, or it has expired.
    [[nodiscard]] const Value* find(std::string_view key, steady_point now) const {
        const auto found = entries_.find(key);
        return found == entries_.end() || found->second.until < now ? nullptr : &found->second.value;
    }

    // As find(); what is found lives for `age` from now on.
    [[nodiscard]] const Value* renew(std::string_view key, milliseconds age, steady_point now) {
        const auto found = entries_.find(key);
        if (found == entries_.end() || found->second.until < now) return nullptr;
        found->second.until = now + age;
        return &found->second.value;
    }

    // A value is taken once.
    [[nodiscard]] std::optional<Value> take(std::string_view key, steady_point now) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return std::nullopt;
        auto taken = std::move(found->second);
        entries_.erase(found);
        if (taken.until < now) return std::nullopt;
        return std::move(taken.value);
    }

private:
    struct entry {
        Value value;
        steady_point until;
    };
    std::size_t max_values_;
    std::size_t digits_;
    std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace distd::ops::console

#include "role/portal/gateway/gateway_balancer.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace distd::portal {
namespace {

// FNV-1a with a last stir, so that keys that differ little land far apart.
std::uint64_t hash_of(std::string_view key, std::string_view url) noexcept {
    std::uint64_t h = 14695981039346656037ULL;
    for (const auto text : {key, std::string_view("\0", 1), url})
        for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
}

double unit(std::uint64_t n) noexcept { return (static_cast<double>(n >> 11) + 0.5) * 0x1.0p-53; }

// Rendezvous hashing with weights: an instance that comes or goes moves only the keys that are its own.
balanced_instance* by_hash(const std::vector<balanced_instance*>& from, std::string_view key) noexcept {
    balanced_instance* best = nullptr;
    double best_score = 0;
    for (auto* i : from) {
        const double score = -i->facts.weight / std::log(unit(hash_of(key, i->facts.url)));
        if (!best || score > best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

// Scales a group that weighs too much against the others down to its bound, in proportion. With an even
// number of others the smaller of the middle two counts, so that nobody gains by a second group of its own.
void cap_groups(std::vector<instance_facts>& facts, std::string instance_facts::*group) {
    const auto group_of = [group](const instance_facts& f) -> const std::string& {
        return (f.*group).empty() ? f.url : f.*group;
    };
    std::map<std::string, double> totals;
    for (const auto& f : facts)
        if (f.weight > 0) totals[group_of(f)] += f.weight;
    if (totals.size() < 2) return;
    std::vector<double> ordered;
    for (const auto& [name, total] : totals) ordered.push_back(total);
    std::ranges::sort(ordered);
    const auto middle = (ordered.size() - 2) / 2;
    for (auto& f : facts) {
        if (f.weight <= 0) continue;
        const auto total = totals[group_of(f)];
        const auto own = static_cast<std::size_t>(std::ranges::lower_bound(ordered, total) - ordered.begin());
        const auto median_of_others = ordered[middle < own ? middle : middle + 1];
        const auto bound = balancing::max_times_the_others * median_of_others;
        if (total > bound) f.weight = f.weight * bound / total;
    }
}

// Many URLs at one port, or many ports of one machine, have the weight of one together.
void cap_weights(std::vector<instance_facts>& facts) {
    cap_groups(facts, &instance_facts::place);
    cap_groups(facts, &instance_facts::machine);
}

bool was_tried(const pick_wish& wish, const balanced_instance* i) {
    return wish.tried && std::any_of(wish.tried->begin(), wish.tried->end(),
                                     [&](const instance_ptr& t) { return t.get() == i; });
}

}  // namespace

double effective_weight(const balanced_instance& i, steady_point now) noexcept {
    const auto weight = i.facts.weight;
    if (!i.warm_since) return weight;
    const auto share = std::chrono::duration<double>(now - *i.warm_since) / balancing::slow_start;
    return weight * std::clamp(share, balancing::min_share, 1.0);
}

bool balancer::update(std::vector<instance_facts> facts, steady_point now) {
    cap_weights(facts);
    const bool is_first = all_.empty();
    bool changed = facts.size() != all_.size();
    std::vector<instance_ptr> next;
    for (auto& f : facts) {
        const auto known = std::find_if(all_.begin(), all_.end(),
                                        [&](const instance_ptr& i) { return i->facts.url == f.url; });
        if (known == all_.end()) {
            changed = true;
            next.push_back(std::make_shared<balanced_instance>(std::move(f)));
            if (!is_first) next.back()->warm_since = now;
            continue;
        }
        changed = changed || (*known)->facts != f;
        (*known)->facts = std::move(f);
        next.push_back(*known);
    }
    all_ = std::move(next);
    return changed;
}

balancer::choice balancer::candidates(const pick_wish& wish, steady_point now) {
    const auto is_offered = [&](const balanced_instance& i) {
        return i.facts.weight > 0 && !was_tried(wish, &i);
    };
    choice c;
    for (const auto& i : all_)
        if (is_offered(*i) && !i->is_ejected(now)) c.push_back(i.get());
    if (!c.empty()) return c;
    for (const auto& i : all_)
        if (is_offered(*i)) c.push_back(i.get());
    if (!c.empty()) ++panics_;  // all are ejected: any of them is better than none
    return c;
}

// The own zone, while at least half of what it has is among the candidates.
void balancer::keep_own_zone(choice& c) const {
    if (own_zone_.empty()) return;
    const auto is_near = [&](const auto& i) { return i->facts.zone == own_zone_; };
    const auto known = std::count_if(all_.begin(), all_.end(), is_near);
    const auto usable = std::count_if(c.begin(), c.end(), is_near);
    if (usable > 0 && 2 * usable >= known) std::erase_if(c, [&](const auto* i) { return !is_near(i); });
}

// Requests that belong together see one version, too.
void balancer::keep_version(choice& c, const std::map<std::string, int>& shares, std::string_view sticky) {
    std::uint64_t all = 0;
    std::map<std::string_view, std::uint64_t> present;  // versions that somebody runs
    for (const auto* i : c) {
        const auto share = shares.find(i->facts.version);
        if (share == shares.end() || share->second <= 0 || present.contains(share->first)) continue;
        present[share->first] = static_cast<std::uint64_t>(share->second);
        all += static_cast<std::uint64_t>(share->second);
    }
    if (all == 0) return;
    auto left = sticky.empty() ? random_below(all) : hash_of(sticky, "version") % all;
    for (const auto& [version, share] : present) {
        if (left < share) {
            std::erase_if(c, [&](const auto* i) { return i->facts.version != version; });
            return;
        }
        left -= share;
    }
}

balanced_instance* balancer::draw_by_weight(const choice& c, steady_point now, balanced_instance* but) {
    double sum = 0;
    for (const auto* i : c)
        if (i != but) sum += effective_weight(*i, now);
    auto left = unit(random_u64()) * sum;
    balanced_instance* last = nullptr;
    for (auto* i : c) {
        if (i == but) continue;
        last = i;
        left -= effective_weight(*i, now);
        if (left <= 0) break;
    }
    return last;
}

// Two by weight, and of these the one with less to do for its weight.
balanced_instance* balancer::min_busy(const choice& c, steady_point now) {
    if (c.size() == 1) return c.front();
    auto* first = draw_by_weight(c, now, nullptr);
    auto* second = draw_by_weight(c, now, first);
    const auto load = [&](const balanced_instance* i) {
        return static_cast<double>(i->in_flight + i->streams) / effective_weight(*i, now);
    };
    return load(second) < load(first) ? second : first;
}

instance_ptr balancer::pick(const pick_wish& wish, steady_point now) {
    auto c = candidates(wish, now);
    if (c.empty()) return nullptr;
    if (wish.versions && !wish.versions->empty()) keep_version(c, *wish.versions, wish.sticky);
    keep_own_zone(c);
    auto* chosen = wish.sticky.empty() ? nullptr : by_hash(c, wish.sticky);
    if (!chosen || chosen->in_flight >= balancing::max_in_flight) chosen = min_busy(c, now);
    return shared(chosen);
}

instance_ptr balancer::shared(const balanced_instance* wanted) const {
    const auto place =
        std::find_if(all_.begin(), all_.end(), [&](const instance_ptr& i) { return i.get() == wanted; });
    return place == all_.end() ? nullptr : *place;
}

bool balancer::may_eject(steady_point now) const {
    const auto out =
        std::count_if(all_.begin(), all_.end(), [&](const instance_ptr& i) { return i->is_ejected(now); });
    return 2 * (static_cast<std::size_t>(out) + 1) <= all_.size();
}

bool balancer::learn(balanced_instance& i, try_outcome outcome, steady_point now) {
    if (outcome == try_outcome::good) {
        i.failures = i.unavailable = 0;
        const bool was_well = i.ejected_until && now - *i.ejected_until > balancing::max_ejection;
        if (was_well) {
            i.ejections = 0;
            i.ejected_until.reset();
        }
        if (i.warm_since && now - *i.warm_since >= balancing::slow_start) i.warm_since.reset();
        return false;
    }
    ++i.failed;
    if (i.is_ejected(now)) return false;
    auto& in_a_row = outcome == try_outcome::connection_failed ? i.failures : i.unavailable;
    ++in_a_row;
    const bool is_on_trial = i.ejected_until && i.warm_since && now - *i.warm_since < balancing::slow_start;
    const bool enough = i.failures >= balancing::failures_to_eject ||
                        i.unavailable >= balancing::unavailable_to_eject || is_on_trial;
    if (!enough || !may_eject(now)) return false;
    ++i.ejections;
    ++i.ejected;
    i.failures = i.unavailable = 0;
    const auto span = std::min<seconds>(balancing::ejection_step * i.ejections, balancing::max_ejection);
    i.ejected_until = now + span;
    i.warm_since = i.ejected_until;
    return true;
}

retry_budget::slot& retry_budget::at(steady_point now) {
    const auto second = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
    auto& s = slots_[static_cast<std::size_t>(second) % window];
    if (s.second != second) s = {second, 0, 0};
    return s;
}

void retry_budget::count_request(steady_point now) { ++at(now).requests; }

bool retry_budget::take_retry(steady_point now) {
    auto& current = at(now);
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    for (const auto& s : slots_) {
        if (s.second < 0 || current.second - s.second >= static_cast<std::int64_t>(window)) continue;
        requests += s.requests;
        retries += s.retries;
    }
    if (retries >= min + requests * share_percent / 100) return false;
    ++current.retries;
    return true;
}

}  // namespace distd::portal

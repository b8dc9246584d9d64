#include "role/portal/gateway/gateway_balancer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "base/fnv1a.hpp"
#include "base/random.hpp"

namespace distd::portal {
namespace {

// FNV-1a needs this, so that keys that differ little land far apart.
std::uint64_t stirred(std::uint64_t h) noexcept {
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
}

double unit(std::uint64_t n) noexcept { return (static_cast<double>(n >> 11) + 0.5) * 0x1.0p-53; }

// Rendezvous hashing with weights: an instance that comes or goes moves only the keys that are its own.
balanced_instance* by_hash(const std::vector<balanced_instance*>& from, std::string_view key) noexcept {
    const auto hash = fnv1a(key);
    balanced_instance* best = nullptr;
    double best_score = 0;
    for (auto* i : from) {
        const double score = -i->facts.weight / std::log(unit(stirred(hash ^ i->salt)));
        if (!best || score > best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

const std::string& or_url(const std::string& group, const instance_facts& f) {
    return group.empty() ? f.url : group;
}
const std::string& place_of(const instance_facts& f) { return or_url(f.place, f); }
const std::string& machine_of(const instance_facts& f) { return or_url(f.machine, f); }

// Many URLs at one port have the weight of one together, and that is no more than a multiple of the smallest
// on the machine. They share it in proportion.
void cap_places(std::vector<instance_facts>& facts) {
    std::map<std::string, double> totals;
    for (const auto& f : facts)
        if (f.weight > 0) totals[place_of(f)] += f.weight;
    std::map<std::string, double> smallest;  // of each machine's places
    for (const auto& f : facts) {
        if (f.weight <= 0) continue;
        const auto total = totals[place_of(f)];
        const auto [known, is_first] = smallest.try_emplace(machine_of(f), total);
        if (!is_first) known->second = std::min(known->second, total);
    }
    for (auto& f : facts) {
        if (f.weight <= 0) continue;
        const auto total = totals[place_of(f)];
        const auto bound = balancing::max_times_the_others * smallest[machine_of(f)];
        if (total > bound) f.weight = f.weight * bound / total;
    }
}

// Scales a machine that weighs too much against the others down to its bound, in proportion. With an even
// number of others the smaller of the middle two counts, so that nobody gains by a second machine.
void cap_machines(std::vector<instance_facts>& facts) {
    std::map<std::string, double> totals;
    for (const auto& f : facts)
        if (f.weight > 0) totals[machine_of(f)] += f.weight;
    if (totals.size() < 2) return;
    std::vector<double> ordered;
    for (const auto& [name, total] : totals) ordered.push_back(total);
    std::ranges::sort(ordered);
    const auto middle = (ordered.size() - 2) / 2;
    for (auto& f : facts) {
        if (f.weight <= 0) continue;
        const auto total = totals[machine_of(f)];
        const auto own = static_cast<std::size_t>(std::ranges::lower_bound(ordered, total) - ordered.begin());
        const auto median_of_others = ordered[middle < own ? middle : middle + 1];
        const auto bound = balancing::max_times_the_others * median_of_others;
        if (total > bound) f.weight = f.weight * bound / total;
    }
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

balancer::balancer(balancer_setup setup)
    : setup_(std::move(setup)), signer_(setup_.secret), salt_of_versions_(salt_of("versions")) {}

std::uint64_t balancer::salt_of(std::string_view text) const {
    const auto signature = signer_.sign(text);
    std::uint64_t salt = 0;
    std::memcpy(&salt, signature.data(), sizeof salt);
    return salt;
}

bool balancer::update(std::vector<instance_facts> facts, steady_point now) {
    cap_places(facts);
    cap_machines(facts);
    const bool is_first = all_.empty();
    bool changed = facts.size() != all_.size();
    std::unordered_map<std::string_view, instance_ptr> by_url;
    for (const auto& i : all_) by_url.emplace(i->facts.url, i);
    std::vector<instance_ptr> next;
    for (auto& f : facts) {
        const auto known = by_url.find(f.url);
        if (known == by_url.end()) {
            changed = true;
            const auto salt = salt_of(f.url);
            next.push_back(std::make_shared<balanced_instance>(std::move(f), salt));
            if (!is_first) next.back()->warm_since = now;
            continue;
        }
        // Its key is a view of the text that is about to change.
        const auto i = std::move(known->second);
        by_url.erase(known);
        changed = changed || i->facts != f;
        i->facts = std::move(f);
        next.push_back(i);
    }
    all_ = std::move(next);
    find_near();
    return changed;
}

// A zone that an operator did not vouch for takes nothing from those outside it unless it is among equals.
// Who writes that he is in it does not make his machine a near one while others on it say otherwise.
void balancer::find_near() {
    if (setup_.own_zone.empty()) return;
    std::map<std::string, bool> machines;
    for (const auto& i : all_) {
        i->is_near = i->facts.zone == setup_.own_zone;
        if (i->facts.weight <= 0) continue;
        auto& is_near = machines.try_emplace(machine_of(i->facts), true).first->second;
        is_near = is_near && i->is_near;
    }
    prefers_zone_ = setup_.is_zone_vouched_for;
    if (prefers_zone_) return;
    for (const auto& i : all_) i->is_near = i->is_near && machines[machine_of(i->facts)];
    const auto near = static_cast<std::size_t>(
        std::ranges::count_if(machines, [](const auto& machine) { return machine.second; }));
    prefers_zone_ = near >= balancing::min_machines_of_zone && 2 * near >= machines.size();
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
    if (!prefers_zone_) return;
    const auto is_near = [](const auto& i) { return i->is_near; };
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
    auto left = sticky.empty() ? random_below(all) : stirred(fnv1a(sticky) ^ salt_of_versions_) % all;
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

#include "support/patch_validator.hpp"

namespace distd::test {

void patch_validator::began(const std::string& subscriber) {
    auto& p = peers_[subscriber];
    if (p.is_under_way) broke("one at a time", subscriber, {});
    p.is_under_way = true;
}

void patch_validator::ended(const std::string& subscriber) {
    peers_[subscriber].is_under_way = false;
    peers_[subscriber].is_of_an_earlier_life = false;
}

void patch_validator::applied(const std::string& subscriber, const patch& p) {
    auto& who = peers_[subscriber];
    // The registry cannot tell whether its answer came from the one that has registered since.
    if (who.is_of_an_earlier_life) return answer_lost(subscriber, p, true);
    apply(subscriber, who, p);
}

void patch_validator::answer_lost(const std::string& subscriber, const patch& p, bool was_applied) {
    auto& who = peers_[subscriber];
    if (was_applied) apply(subscriber, who, p);
    for (const auto* list : {&p.added, &p.removed})
        for (const auto& e : *list) who.in_doubt.insert({e.name, e.url});
}

void patch_validator::registered(const std::string& subscriber) {
    auto& p = peers_[subscriber];
    p.doubts_all = true;
    p.is_of_an_earlier_life = p.is_under_way;
    p.told.clear();
}

void patch_validator::restarted(const std::string& subscriber) { peers_[subscriber].held.clear(); }

void patch_validator::left(const std::string& subscriber) { peers_.erase(subscriber); }

void patch_validator::registry_restarted() {
    for (auto& [url, p] : peers_) {
        p.doubts_all = true;
        p.told.clear();
    }
}

void patch_validator::apply(const std::string& subscriber, peer& who, const patch& p) {
    for (const auto& e : p.added) {
        const entry added{e.name, e.url};
        if (who.held.contains(added)) broke("no duplicates", subscriber, added);
        who.held.insert(added);
    }
    for (const auto& e : p.removed) {
        const entry removed{e.name, e.url};
        const auto place = who.held.find(removed);
        const bool is_excused =
            who.in_doubt.contains(removed) || (who.doubts_all && !who.told.contains(removed));
        if (place == who.held.end() && !is_excused) broke("no false Removed", subscriber, removed);
        if (place != who.held.end()) who.held.erase(place);
    }
    for (const auto* list : {&p.added, &p.removed}) {
        for (const auto& e : *list) {
            who.in_doubt.erase({e.name, e.url});
            who.told.insert({e.name, e.url});
        }
    }
}

void patch_validator::expect_equal(const std::string& subscriber, const std::set<entry>& wanted) {
    const auto& held = peers_[subscriber].held;
    for (const auto& e : wanted)
        if (held.count(e) != 1) broke("eventually equal", subscriber, e);
    for (const auto& e : held)
        if (!wanted.contains(e)) broke("eventually equal", subscriber, e);
}

std::multiset<patch_validator::entry> patch_validator::held(const std::string& subscriber) const {
    const auto found = peers_.find(subscriber);
    return found == peers_.end() ? std::multiset<entry>() : found->second.held;
}

void patch_validator::broke(const std::string& promise, const std::string& subscriber, const entry& e) {
    broken_.push_back(promise + ": " + subscriber + " (" + e.first + " " + e.second + ")");
}

}  // namespace distd::test

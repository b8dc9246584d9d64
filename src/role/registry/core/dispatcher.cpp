#include "role/registry/core/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "base/backoff.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds first_backoff{100};
constexpr milliseconds max_backoff{5000};

patch to_patch(const outbox::draft& d) {
    patch p;
    for (const auto& e : d.added) p.added.push_back(*e);
    for (const auto& e : d.removed) p.removed.push_back(*e);
    return p;
}

}  // namespace

void dispatcher::join(const instance& i, const catalog& all) {
    if (i.that.update_url.empty()) return leave(i.that.url, departure::given_up);
    const auto before = subscribers_.size();
    auto& s = find_or_add(i);
    auto earlier = vanished_.extract(s.url);
    if (earlier) s.box = std::move(earlier.mapped());
    if (subscribers_.size() > before && !earlier) {
        s.box.owe_greeting();
    } else {
        s.box.start_over();
    }
    s.has_left = false;
    for (const auto& name : i.that.required_services)
        for (const auto& [url, provider] : all.named(name))
            if (provider->offered) s.box.want(provider->entry, true);
    start_anew(s);
}

void dispatcher::restore(const instance& i, std::uint64_t settled, const catalog& all,
                         const withdrawn_by_name& gone) {
    if (i.that.update_url.empty()) return;
    auto& s = find_or_add(i);
    using enum outbox::belief;
    for (const auto& name : i.that.required_services) {
        if (const auto found = gone.find(name); found != gone.end())
            for (const auto& w : found->second)
                if (w.revision > settled) s.box.assume(w.entry, unknown, false);
        for (const auto& [url, provider] : all.named(name)) {
            const auto known = provider->offered ? held : absent;
            s.box.assume(provider->entry, provider->revision > settled ? unknown : known, provider->offered);
        }
    }
    if (settled == 0) s.box.owe_greeting();
    schedule(s);
}

void dispatcher::restore_former(const std::string& url, const std::vector<std::string>& names,
                                const catalog& all, const withdrawn_by_name& gone) {
    const auto found = subscribers_.find(url);
    const auto* now = found == subscribers_.end() ? nullptr : all.find(url);
    outbox vanished;
    auto& box = now ? found->second.box : vanished;
    for (const auto& name : names) {
        if (now && std::ranges::count(now->that.required_services, name) > 0) continue;
        if (const auto some = gone.find(name); some != gone.end())
            for (const auto& w : some->second) box.assume(w.entry, outbox::belief::unknown, false);
        for (const auto& [provider_url, provider] : all.named(name))
            box.assume(provider->entry, outbox::belief::unknown, false);
    }
    if (now) return schedule(found->second);
    remember_vanished(url, std::move(vanished));
}

dispatcher::subscriber& dispatcher::find_or_add(const instance& i) {
    auto& s = subscribers_[i.that.url];
    s.url = i.that.url;
    s.update_url = i.that.update_url;
    s.generation = i.generation;
    return s;
}

void dispatcher::leave(std::string_view url, departure how) {
    const auto found = subscribers_.find(url);
    if (found == subscribers_.end()) return;
    auto& s = found->second;
    cancel_retry(s);
    s.unlink();
    s.has_left = true;
    s.may_return = how == departure::given_up;
    if (!s.box.is_under_way()) bury(found);
}

void dispatcher::bury(url_map<subscriber>::iterator which) {
    auto& s = which->second;
    if (s.may_return) remember_vanished(s.url, std::move(s.box));
    subscribers_.erase(which);
}

void dispatcher::remember_vanished(const std::string& url, outbox box) {
    if (box.size() == 0) return;
    vanished_.insert_or_assign(url, std::move(box));
    vanished_order_.push_back(url);
    if (vanished_order_.size() <= max_vanished) return;
    vanished_.erase(vanished_order_.front());
    vanished_order_.pop_front();
}

void dispatcher::changed(const entry_ptr& e, bool offered, const catalog& all) {
    for (const auto& [url, requiring] : all.requiring(e->name)) {
        const auto found = subscribers_.find(url);
        if (found == subscribers_.end() || found->second.has_left) continue;
        found->second.box.want(e, offered);
        schedule(found->second);
    }
}

void dispatcher::hurry(std::string_view url) {
    const auto found = subscribers_.find(url);
    if (found == subscribers_.end() || found->second.has_left) return;
    start_anew(found->second);
}

// A subscriber that registers again is trusted again, and its pause between retries is over.
void dispatcher::start_anew(subscriber& s) {
    s.failures = 0;
    cancel_retry(s);
    s.unlink();
    schedule(s);
}

// Puts it where it belongs: nowhere when a patch is under way or none is due, else into a queue, unless it
// waits for its next try.
void dispatcher::schedule(subscriber& s) {
    note_if_settled(s);
    if (!s.box.has_patch()) {
        s.unlink();
        cancel_retry(s);
        return;
    }
    if (s.is_linked() || s.retry) return;
    (s.failures == 0 ? ready_ : suspects_).push_back(s);
}

void dispatcher::cancel_retry(subscriber& s) noexcept {
    if (s.retry) retries_.erase(*s.retry);
    s.retry.reset();
}

std::optional<dispatcher::delivery> dispatcher::take(steady_point now) {
    while (!retries_.empty() && retries_.begin()->first <= now) {
        auto& s = *retries_.begin()->second;
        cancel_retry(s);
        schedule(s);
    }
    if (under_way_ >= limits_.under_way) return std::nullopt;
    if (!ready_.empty()) return start(ready_.front());
    if (!suspects_.empty() && suspects_under_way_ < limits_.suspects_under_way)
        return start(suspects_.front());
    return std::nullopt;
}

dispatcher::delivery dispatcher::start(subscriber& s) {
    s.unlink();
    ++under_way_;
    if (s.failures > 0) ++suspects_under_way_;
    const auto draft = s.box.take();
    s.started_as_suspect = s.failures > 0;
    return {&s, s.url, s.update_url, text_of(draft), draft.added.size(), draft.removed.size()};
}

// Those that left are kept until now.
void dispatcher::finish(const delivery& d, outbox::outcome how, steady_point now, std::uint64_t draw) {
    auto& s = *d.whose;
    --under_way_;
    if (std::exchange(s.started_as_suspect, false)) --suspects_under_way_;
    s.box.finish(how);
    if (s.has_left) {
        bury(subscribers_.find(d.url));
        return;
    }
    if (how == outbox::outcome::arrived) {
        s.failures = 0;
    } else {
        ++s.failures;
        if (s.box.has_patch())
            s.retry = retries_.emplace(now + backoff(s.failures, first_backoff, max_backoff, draw), &s);
    }
    schedule(s);
}

steady_point dispatcher::next_due() const noexcept {
    return retries_.empty() ? steady_point::max() : retries_.begin()->first;
}

bool dispatcher::is_settled(std::string_view url) const noexcept {
    const auto found = subscribers_.find(url);
    return found == subscribers_.end() || found->second.box.is_settled();
}

void dispatcher::note_if_settled(subscriber& s) {
    if (s.is_reported || !s.box.is_settled()) return;
    s.is_reported = true;
    settled_.push_back({s.url, s.generation});
}

std::vector<dispatcher::settled_subscriber> dispatcher::take_settled() {
    auto candidates = std::exchange(settled_, {});
    std::vector<settled_subscriber> result;
    for (auto& c : candidates) {
        const auto found = subscribers_.find(c.url);
        if (found == subscribers_.end()) continue;
        found->second.is_reported = false;
        if (found->second.box.is_settled() && found->second.generation == c.generation)
            result.push_back(std::move(c));
    }
    return result;
}

std::size_t dispatcher::unsettled() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(subscribers_, [](const auto& s) { return !s.second.box.is_settled(); }));
}

std::shared_ptr<const std::string> dispatcher::text_of(const outbox::draft& d) {
    if (!last_text_ || d.added != last_draft_.added || d.removed != last_draft_.removed) {
        last_draft_ = d;
        last_text_ = std::make_shared<const std::string>(to_wire(to_patch(d)));
    }
    return last_text_;
}

}  // namespace distd::registry

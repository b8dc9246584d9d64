#include "ops/model/request_tree.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

constexpr std::size_t max_depth = 12;

// A line is written when its answer has ended.
std::optional<request_span> to_span(const log_line& l) {
    const auto took = l.number("duration_us");
    if (!l.is_request || !took || *took < 0 || !l.at) return std::nullopt;
    request_span s;
    s.service = l.service;
    s.method = l.member("method");
    s.path = l.member("path");
    s.span = l.member("span");
    s.parent = l.member("parent");
    s.reason = l.member("reason");
    s.request_id = l.member("request_id");
    s.status = l.number("status").value_or(0);
    s.took = std::min(microseconds(*took), microseconds(std::chrono::hours(24)));
    s.begin = *l.at - s.took;
    s.seq = l.seq;
    return s;
}

// Puts each behind its caller. Ids come from outside: a circle, or a caller that is not known, begins anew.
class tree_order {
public:
    explicit tree_order(std::vector<request_span> all) : all_(std::move(all)) {
        std::ranges::sort(all_, {}, [](const auto& s) { return std::pair(s.begin, s.seq); });
        for (std::size_t i = 0; i < all_.size(); ++i)
            if (!all_[i].span.empty()) by_id_.try_emplace(all_[i].span, i);
        for (std::size_t i = 0; i < all_.size(); ++i)
            if (const auto caller = by_id_.find(all_[i].parent);
                caller != by_id_.end() && caller->second != i)
                below_[caller->second].push_back(i);
            else
                roots_.push_back(i);
    }

    [[nodiscard]] std::vector<request_span> run() {
        for (const auto root : roots_) place(root, 0);
        for (std::size_t i = 0; i < all_.size(); ++i) place(i, 0);
        return std::move(out_);
    }

private:
    void place(std::size_t i, std::size_t depth) {
        std::vector<std::pair<std::size_t, std::size_t>> waiting{{i, depth}};
        while (!waiting.empty()) {
            const auto [at, level] = waiting.back();
            waiting.pop_back();
            if (!placed_.insert(at).second) continue;
            auto& one = out_.emplace_back(all_[at]);
            one.depth = std::min(level, max_depth);
            const auto called = below_.find(at);
            if (called == below_.end()) continue;
            for (auto next = called->second.rbegin(); next != called->second.rend(); ++next)
                waiting.emplace_back(*next, level + 1);
        }
    }

    std::vector<request_span> all_;
    std::map<std::string, std::size_t> by_id_;
    std::map<std::size_t, std::vector<std::size_t>> below_;
    std::vector<std::size_t> roots_;
    std::set<std::size_t> placed_;
    std::vector<request_span> out_;
};

// Whom the first one waited for: down the calls that failed, or else took most of the time.
const request_span* culprit_of(const request_tree& t) {
    const request_span* at = &t.spans.front();
    const auto called_by = [&](const request_span& caller) {
        const request_span* worst = nullptr;
        for (const auto& s : t.spans) {
            if (s.parent.empty() || s.parent != caller.span || &s == &caller) continue;
            const bool counts =
                caller.has_failed() ? s.status >= 500 || s.status == 0 : s.took * 2 > caller.took;
            if (counts && (!worst || s.took > worst->took)) worst = &s;
        }
        return worst;
    };
    for (std::size_t depth = 0; depth < max_depth; ++depth) {
        const auto* const next = called_by(*at);
        if (!next) break;
        at = next;
    }
    return at == &t.spans.front() ? nullptr : at;
}

std::string took_text(microseconds took) { return as_latency(static_cast<double>(took.count())).text(); }

}  // namespace

request_tree make_request_tree(const std::vector<log_line>& lines) {
    request_tree t;
    std::set<std::string> with_span, all;
    std::vector<request_span> spans;
    for (const auto& l : lines) {
        all.insert(l.service);
        if (auto s = to_span(l)) {
            with_span.insert(s->service);
            spans.push_back(*std::move(s));
        }
    }
    t.spans = tree_order(std::move(spans)).run();
    std::ranges::set_difference(all, with_span, std::back_inserter(t.others));
    t.services = all.size();
    t.lines = lines.size();
    if (t.spans.empty()) return t;
    t.begin = std::ranges::min_element(t.spans, {}, &request_span::begin)->begin;
    for (const auto& s : t.spans)
        t.took = std::max(t.took, std::chrono::duration_cast<microseconds>(s.begin + s.took - t.begin));
    return t;
}

request_headline make_request_headline(const request_tree& t) {
    request_headline h;
    if (t.spans.empty()) {
        h.rest =
            t.lines == 0 ? "No line of this request" : counted(t.lines, "line", "lines") + " of this request";
        return h;
    }
    const auto& first = t.spans.front();
    h.has_failed = first.has_failed();
    h.status = first.status > 0 ? std::to_string(first.status) : std::string(nothing);
    h.rest = one_line(first.method, 20) + " " + one_line(first.path, 200) + " took " + took_text(first.took);
    const auto* const culprit = culprit_of(t);
    if (!culprit) return h;
    h.before_name = "It waited " + took_text(culprit->took) + " for ";
    h.name = culprit->service;
    h.after_name = ", which answered " + std::to_string(culprit->status);
    return h;
}

}  // namespace distd::ops

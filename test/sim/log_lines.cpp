#include "sim/log_lines.hpp"

#include "role/log/intake/record.hpp"
#include "sim/life.hpp"

namespace distd::sim::stores {

std::string written_batch::text() const {
    constexpr std::int64_t arrived_ns = 1'800'000'000'000'000'000;
    std::string all;
    for (const auto& tag : tags) {
        const auto record = R"({"message":")" + tag + R"(","padding":")" + std::string(padding, 'x') + "\"}";
        static_cast<void>(logs::append_json_record(all, record, arrived_ns));
    }
    return all;
}

std::string tag_of(std::string_view line) {
    constexpr std::string_view before = R"("message":")";
    const auto at = line.find(before);
    if (at == std::string_view::npos) return "no tag in " + std::string(line);
    const auto rest = line.substr(at + before.size());
    return std::string(rest.substr(0, rest.find('"')));
}

batch_ptr log_lines::next_batch() {
    if (!by_id_.empty() && h_.draws.one_in(6)) {
        auto it = std::next(by_id_.begin(), static_cast<std::ptrdiff_t>(h_.draws.below(by_id_.size())));
        auto again = std::make_shared<written_batch>(*it->second);
        again->is_answered = false;
        for (const auto& tag : again->tags) refused_.erase(tag);  // until it is answered again
        waiting_.push_back(again);
        return again;
    }
    auto b = std::make_shared<written_batch>();
    const auto count = h_.draws.between(1, 5);
    for (std::uint64_t i = 0; i < count; ++i) b->tags.push_back("L" + std::to_string(++next_tag_));
    b->padding = h_.draws.one_in(4) ? h_.draws.below(6000) : h_.draws.below(300);
    if (h_.draws.one_in(2)) b->id = "batch-" + b->tags.front();
    waiting_.push_back(b);
    if (!b->id.empty()) by_id_[b->id] = b;
    return b;
}

void log_lines::answered(const batch_ptr& b, const result<segment_journal::placed>& r) {
    b->is_answered = true;
    std::erase(waiting_, b);
    const auto what = b->tags.front() + " to " + b->tags.back() + (b->id.empty() ? "" : " as " + b->id);
    if (r) {
        h_.note("stored from " + std::to_string(r->first) + (r->repeated ? ", as before: " : ": ") + what);
        return store(b, *r);
    }
    const bool is_refused = says_that_nothing_was_stored(r.error());
    h_.note((is_refused ? "refused, nothing was stored: " : "failed: ") + what + ", " + r.error().message());
    for (const auto& tag : b->tags) {
        bool is_stored = false;
        for (const auto& [seq, stored] : stored_) is_stored = is_stored || stored == tag;
        if (!is_stored) (is_refused ? refused_ : doubtful_).insert(tag);
    }
}

void log_lines::store(const batch_ptr& b, const segment_journal::placed& p) {
    ++acknowledged_;
    h_.promise(p.lines == b->tags.size(), "a batch of " + std::to_string(b->tags.size()) +
                                              " lines is told as " + std::to_string(p.lines));
    for (std::size_t i = 0; i < b->tags.size(); ++i) {
        const auto seq = p.first + i;
        if (const auto missed = missed_.extract(seq)) stored_.insert({seq, missed.mapped()});
        const auto [it, is_new] = stored_.emplace(seq, b->tags[i]);
        h_.promise(is_new ? !p.repeated : it->second == b->tags[i],
                   p.repeated ? "a batch counts as repeated whose lines are not there: " + b->tags[i]
                              : "number " + std::to_string(seq) + " is given to " + b->tags[i] +
                                    ", and was given to " + it->second);
        doubtful_.erase(b->tags[i]);
        refused_.erase(b->tags[i]);
    }
}

void log_lines::forget_answers() {
    for (const auto& b : waiting_)
        for (const auto& tag : b->tags) doubtful_.insert(tag);
    waiting_.clear();
    for (const auto& [seq, tag] : stored_) doubtful_.erase(tag);
}

void log_lines::look_after_start(const std::vector<read_line>& found) { compare(found, true); }

void log_lines::look(const std::vector<read_line>& found) { compare(found, false); }

// True: more may be stored than is shown.
bool log_lines::note_missing(const std::map<std::uint64_t, std::string>& there) {
    for (auto it = stored_.begin(); it != stored_.end();) {
        if (there.contains(it->first)) {
            ++it;
            continue;
        }
        h_.promise(may_miss_, "line " + std::to_string(it->first) + " is lost: " + it->second);
        missed_.insert(*it);
        it = stored_.erase(it);
    }
    return may_miss_;
}

void log_lines::compare(const std::vector<read_line>& found, bool is_start) {
    std::map<std::uint64_t, std::string> there;
    std::uint64_t last = 0;
    for (const auto& l : found) {
        h_.promise(l.seq > last,
                   "line " + std::to_string(l.seq) + " is shown behind line " + std::to_string(last));
        last = l.seq;
        if (const auto back = missed_.extract(l.seq)) stored_.insert({l.seq, back.mapped()});
        const auto known = stored_.find(l.seq);
        if (known != stored_.end())
            h_.promise(known->second == l.tag,
                       "line " + std::to_string(l.seq) + " is " + l.tag + " and was " + known->second);
        else
            h_.promise(!refused_.contains(l.tag), "it was said that nothing was stored, and line " +
                                                      std::to_string(l.seq) + " is there: " + l.tag);
        if (known == stored_.end())
            h_.promise(is_start && doubtful_.contains(l.tag),
                       "line " + std::to_string(l.seq) + " is shown and should not be there: " + l.tag);
        there.emplace(l.seq, l.tag);
    }
    const bool may_be_more = note_missing(there);
    if (!is_start) return;
    if (there.size() > stored_.size())
        h_.note(std::to_string(there.size() - stored_.size()) +
                " lines are there that nobody had an answer for");
    stored_ = std::move(there);
    if (!may_be_more) doubtful_.clear();  // what is not there now has never been stored
}

void report_damage(history& h, log_lines& lines, const damage& d) {
    const auto what = d.file.string() + " is called damaged: " + std::to_string(d.bytes) + " bytes at " +
                      std::to_string(d.offset) + ": " + d.reason;
    h.promise(h.had_read_faults(), what + ", and nobody damaged it");
    h.note(what);
    lines.damage_named();
}

}  // namespace distd::sim::stores

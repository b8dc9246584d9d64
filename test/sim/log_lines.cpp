#include "sim/log_lines.hpp"

#include <utility>

#include "sim/life.hpp"
#include "store/journal/doublewrite_file.hpp"
#include "store/journal/segment_format.hpp"
#include "support/json_record.hpp"

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

namespace {

std::vector<scanned_batch> sound_batches(std::string_view text, std::size_t from) {
    std::vector<scanned_batch> all;
    for (auto at = from; const auto b = find_batch(text, at); at = b->end)
        if (b->sound) all.push_back(*b);
    return all;
}

std::uint64_t synced_by(const std::vector<scanned_batch>& batches) {
    std::uint64_t synced = 0;
    for (const auto& b : batches) synced = std::max(synced, b.trailer.synced.value_or(0));
    return synced;
}

// The first line of a segment that no sound batch of it says is on the disk.
std::uint64_t first_unmarked_line(std::string_view text, std::uint64_t first) {
    const auto batches = sound_batches(text, text.find('\n') + 1);
    const auto synced = synced_by(batches);
    for (const auto& b : batches)
        if (b.end <= synced) first = b.trailer.first + b.trailer.lines;
    return first;
}

// Whether a file of ids ends in sound batches only.
bool is_end_sound(std::string_view text) {
    const auto batches = sound_batches(text, 0);
    auto sound_to = synced_by(batches);
    for (const auto& b : batches)
        if (b.start <= sound_to) sound_to = std::max<std::uint64_t>(sound_to, b.end);
    return sound_to == text.size();
}

}  // namespace

std::string log_lines::tag_of(const read_line& l) {
    constexpr std::string_view before = R"("message":")";
    const auto at = l.text.find(before);
    const auto tag = at == l.text.npos ? "" : l.text.substr(at + before.size());
    const auto sent = texts_.find(tag.substr(0, tag.find('"')));
    h_.promise(sent != texts_.end(), "nobody has sent what is shown: " + l.text);
    std::string as_stored;
    append_numbered(as_stored, l.seq, sent->second);
    h_.promise(as_stored == l.text + "\n", "what is shown is not what was sent: " + l.text);
    return sent->first;
}

log_lines::log_lines(history& h, std::filesystem::path journal, std::filesystem::path doublewrite)
    : h_(h), journal_(std::move(journal)), doublewrite_(std::move(doublewrite)) {
    h_.on_rot = [this](const sim::rotten_place& p) { look_at_rot(p); };
}

void log_lines::look_at_rot(const sim::rotten_place& p) {
    if (is_starting_ && p.file.parent_path() == journal_ && segment_journal::first_of(p.file))
        may_cut(p.file, h_.disk.content(p.file));
    if (p.file != doublewrite_) return;
    const auto entries = doublewrite_file::entries_in(p.content);
    const bool is_between =
        entries.size() > 2 && p.at >= entries[1].position && p.at < entries.back().position;
    if (!is_between) is_end_of_doublewrite_changed_ = true;
}

void log_lines::prepare_start() {
    for (const auto& file : h_.disk.everything())
        if (file.extension() == ".ids" && h_.disk.is_rotten(file) && !is_end_sound(h_.disk.content(file)))
            may_forget_ids_ = true;
    is_starting_ = true;
    const auto last = last_segment();
    if (!last.empty() && (h_.disk.is_rotten(last) || is_end_of_doublewrite_changed_))
        may_cut(last, h_.disk.content(last));
}

std::filesystem::path log_lines::last_segment() const {
    std::filesystem::path last;
    for (const auto& file : h_.disk.everything())
        if (file.parent_path() == journal_ && segment_journal::first_of(file)) last = std::max(last, file);
    return last;
}

void log_lines::may_cut(const std::filesystem::path& segment, std::string_view content) {
    const auto from = first_unmarked_line(content, segment_journal::first_of(segment).value());
    may_be_cut_from_ = std::min(may_be_cut_from_, from);
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
    const auto text = b->text();
    for (std::size_t at = 0, end = 0; const auto& tag : b->tags) {
        end = text.find('\n', at) + 1;
        texts_[tag] = text.substr(at, end - at);
        at = end;
    }
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
    for (const auto& [seq, tag] : stored_)
        h_.promise(p.repeated || may_miss_ || may_forget_ids_ || tag != b->tags.front(),
                   "a batch is stored twice, under the id " + b->id);
    for (std::size_t i = 0; i < b->tags.size(); ++i) {
        const auto seq = p.first + i;
        if (const auto missed = missed_.extract(seq)) stored_.insert({seq, missed.mapped()});
        if (const auto cut = cut_.extract(seq); cut && p.repeated) stored_.insert({seq, cut.mapped()});
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
    is_starting_ = false;
    // What it read wrong and wrote once more stays so.
    if (const auto last = last_segment(); !last.empty() && h_.disk.has_written_over_rot(last))
        may_cut(last, h_.disk.content(last));
    for (const auto& b : waiting_)
        for (const auto& tag : b->tags) doubtful_.insert(tag);
    waiting_.clear();
    // One that was sent again is stored once more where its id may have been forgotten.
    if (!may_forget_ids_ && !may_miss_)
        for (const auto& [seq, tag] : stored_) doubtful_.erase(tag);
}

void log_lines::look_after_start(const std::vector<read_line>& found) { compare(found, true); }

void log_lines::look(const std::vector<read_line>& found) { compare(found, false); }

// True: more may be stored than is shown.
bool log_lines::note_missing(const std::map<std::uint64_t, std::string>& there, bool is_start) {
    for (auto it = stored_.begin(); it != stored_.end();) {
        if (there.contains(it->first)) {
            ++it;
            continue;
        }
        const bool is_cut = is_start && it->first >= may_be_cut_from_;
        h_.promise(is_cut || may_miss_, "line " + std::to_string(it->first) + " is lost: " + it->second);
        if (!is_cut)
            missed_.insert(*it);
        else if (may_miss_)
            cut_.insert_or_assign(it->first, it->second);
        it = stored_.erase(it);
    }
    for (auto it = missed_.lower_bound(may_be_cut_from_); is_start && it != missed_.end();)
        cut_.insert(missed_.extract(it++));
    return may_miss_;
}

void log_lines::compare(const std::vector<read_line>& found, bool is_start) {
    std::map<std::uint64_t, std::string> there;
    std::uint64_t last = 0;
    for (const auto& l : found) {
        h_.promise(l.seq > last,
                   "line " + std::to_string(l.seq) + " is shown behind line " + std::to_string(last));
        last = l.seq;
        const auto tag = tag_of(l);
        if (const auto back = missed_.extract(l.seq)) stored_.insert({l.seq, back.mapped()});
        if (const auto cut = cut_.find(l.seq); cut != cut_.end() && cut->second == tag)
            stored_.insert(cut_.extract(cut));
        const auto known = stored_.find(l.seq);
        if (known != stored_.end())
            h_.promise(known->second == tag,
                       "line " + std::to_string(l.seq) + " is " + tag + " and was " + known->second);
        else
            h_.promise(!refused_.contains(tag), "it was said that nothing was stored, and line " +
                                                    std::to_string(l.seq) + " is there: " + tag);
        if (known == stored_.end())
            h_.promise(is_start && doubtful_.contains(tag),
                       "line " + std::to_string(l.seq) + " is shown and should not be there: " + tag);
        there.emplace(l.seq, tag);
    }
    const bool may_be_more = note_missing(there, is_start);
    if (!is_start) return;
    is_end_of_doublewrite_changed_ = false;
    is_starting_ = false;
    may_be_cut_from_ = std::numeric_limits<std::uint64_t>::max();
    if (there.size() > stored_.size())
        h_.note(std::to_string(there.size() - stored_.size()) +
                " lines are there that nobody had an answer for");
    stored_ = std::move(there);
    if (!may_be_more) doubtful_.clear();  // what is not there now has never been stored
}

void report_damage(history& h, log_lines& lines, const damage& d) {
    const auto what = d.file.string() + " is called damaged: " + std::to_string(d.bytes) + " bytes at " +
                      std::to_string(d.offset) + ": " + d.reason;
    // What is wrong in a part is taken along when parts are put together.
    const bool is_changed =
        h.has_ever_rotted(d.file) || (d.file.extension() == ".part" && h.has_rotted_part());
    h.promise(h.had_read_faults() || is_changed, what + ", and nobody damaged it");
    h.note(what);
    lines.damage_named();
}

}  // namespace distd::sim::stores

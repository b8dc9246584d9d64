#include "store/segment_journal.hpp"

#include <algorithm>
#include <charconv>
#include <iomanip>
#include <sstream>

#include "base/assert.hpp"
#include "store/segment_scanner.hpp"

namespace distd {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t block_bytes = 256 << 10;
constexpr std::size_t batch_bytes = 4 << 20;  // a larger commit is written as several batches
constexpr std::size_t name_digits = 20;
constexpr std::string_view extension = ".ndjson";

fs::path segment_name(std::uint64_t first) {
    std::ostringstream name;
    name << std::setw(name_digits) << std::setfill('0') << first << extension;
    return name.str();
}

bool is_full(const segment::block& b) noexcept { return b.bytes >= block_bytes; }

void add_to(std::vector<segment::block>& blocks, const segment::block& batch) {
    if (!blocks.empty() && !is_full(blocks.back()) &&
        blocks.back().offset + blocks.back().bytes == batch.offset)
        blocks.back().bytes += batch.bytes;
    else
        blocks.push_back(batch);
}

// A batch of a file as a reader's block: with the damaged bytes before it, which the reader will meet and
// name. `next` is the number that was to follow, and goes on. The numbers in a damaged trailer are not
// believed: as many are passed over as there may have been lines, so that none is ever given twice.
segment::block block_of(const segment_scanner::batch& b, std::uint64_t& next) {
    const auto bytes = b.end - b.skipped_from;
    const segment::block block{b.skipped_from, bytes, b.sound ? b.trailer.first : next};
    next = b.sound ? b.trailer.first + b.trailer.lines : next + bytes;
    return block;
}

}  // namespace

// --- segment

std::vector<segment::block> segment::blocks() {
    std::lock_guard lock(mutex_);
    if (blocks_.empty()) {
        const posix_file file(storage_, file_, posix_file::mode::read);
        segment_scanner scan(file, read_first_line(file, file.size()).size(), file.size());
        auto next = first_;
        while (auto b = scan.next()) add_to(blocks_, block_of(*b, next));
    }
    return blocks_;
}

void segment::add(block batch) {
    std::lock_guard lock(mutex_);
    add_to(blocks_, batch);
}

std::shared_ptr<const journal_text> segment::kept(const block& b) const {
    std::lock_guard lock(mutex_);
    const auto it = kept_.find(b.offset);
    return it == kept_.end() ? nullptr : it->second;
}

void segment::keep(const block& b, std::shared_ptr<const journal_text> text) {
    if (!is_full(b)) return;  // the next batch may be added to it
    std::lock_guard lock(mutex_);
    if (keeps_) kept_.insert_or_assign(b.offset, std::move(text));
}

void segment::keep_no_more() {
    std::lock_guard lock(mutex_);
    keeps_ = false;
    kept_.clear();
}

// --- opening

std::optional<std::uint64_t> segment_journal::first_of(const fs::path& file) {
    const auto name = file.filename().string();
    if (name.size() != name_digits + extension.size() || !name.ends_with(extension)) return std::nullopt;
    std::uint64_t first = 0;
    const auto [end, ec] = std::from_chars(name.data(), name.data() + name_digits, first);
    if (ec != std::errc() || end != name.data() + name_digits) return std::nullopt;
    return first;
}

segment_journal::segment_journal(setup s) : setup_(std::move(s)) { recover(); }

segment_journal::~segment_journal() {
    if (!pad_) return;
    try {
        sync();
        give_up_pad();
    } catch (const store_error&) {
        // Whoever opens the journal next looks at both.
    }
}

void segment_journal::recover() {
    for (const auto& file : list_directory(setup_.storage, setup_.directory))
        if (const auto first = first_of(file))
            segments_.push_back(std::make_shared<segment>(setup_.storage, file, *first));
    std::sort(segments_.begin(), segments_.end(),
              [](const auto& a, const auto& b) { return a->first() < b->first(); });

    drop_what_is_kept_elsewhere();
    replay_pad();
    // A last segment without a single batch was being begun when the process died; nothing in it was
    // promised.
    while (!segments_.empty() && !recover_last(segments_.back())) {
        next_line_ = std::max(next_line_, segments_.back()->first());
        segments_.pop_back();
    }
    next_line_ = std::max(next_line_, setup_.kept_elsewhere + 1);
    next_committed_ = next_line_;
}

// What had not reached the segments when the machine went down. After the process alone died it is all there
// already.
void segment_journal::replay_pad() {
    const auto entries = setup_.pad.empty() ? std::vector<commit_pad::entry>()
                                            : commit_pad::left_on(setup_.pad, setup_.storage);
    for (const auto& e : entries) {
        const auto named = [&](const auto& s) { return s->first() == e.file; };
        const auto where = std::find_if(segments_.begin(), segments_.end(), named);
        if (where == segments_.end()) continue;  // sealed meanwhile
        posix_file file(setup_.storage, (*where)->file(), posix_file::mode::in_place);
        std::string there(e.bytes.size(), '\0');
        there.resize(file.read_at(e.offset, there.data(), there.size()));
        if (there == e.bytes) continue;
        if (file.size() < e.offset) {
            recovery_.damaged.push_back(
                {(*where)->file(), e.offset, e.bytes.size(), "it ends before what the pad holds of it"});
            continue;
        }
        file.write_at(e.offset, e.bytes);
        file.sync();
        recovery_.replayed_bytes += e.bytes.size();
    }
    if (entries.empty()) return;
    remove_file(setup_.storage, setup_.pad);
    sync_directory(setup_.storage, setup_.pad.parent_path());
}

// The last one stays in any case: it knows the senders' batches.
void segment_journal::drop_what_is_kept_elsewhere() {
    while (segments_.size() > 1 && segments_[1]->first() <= setup_.kept_elsewhere + 1) {
        remove_file(setup_.storage, segments_.front()->file());
        segments_.erase(segments_.begin());
    }
}

bool segment_journal::recover_last(const std::shared_ptr<segment>& last) {
    posix_file file(setup_.storage, last->file(), posix_file::mode::append);
    const auto size = file.size();
    const auto first_line = read_first_line(file, size);
    const auto head = parse_head(first_line);
    if (head && head->format != segment_format_version)
        throw store_error(errc::storage_failed,
                          last->file().string() + ": is of format " + std::to_string(head->format) +
                              ", this version knows format " + std::to_string(segment_format_version) +
                              " only. Nothing was changed; use the version that wrote it");
    std::vector<sender_batch> ids;
    if (head) ids = head->ids;
    std::vector<damage> damaged;
    if (!head) damaged.push_back({last->file(), 0, first_line.size(), "its head does not fit its checksum"});
    next_line_ = std::max(next_line_, last->first());
    segment_scanner scan(file, head ? first_line.size() : 0, size);
    bool any = false;
    while (auto b = scan.next()) {
        any = true;
        if (b->start > b->skipped_from && (head || b->skipped_from > 0))
            damaged.push_back(
                {last->file(), b->skipped_from, b->start - b->skipped_from, "belongs to no batch"});
        if (!b->sound)
            damaged.push_back(
                {last->file(), b->start, b->end - b->start, "a batch does not fit its checksum"});
        last->add(block_of(*b, next_line_));
        if (b->sound) ids.insert(ids.end(), b->trailer.ids.begin(), b->trailer.ids.end());
    }
    if (!any) {
        recovery_.torn_bytes += size;
        auto aside = last->file();
        aside += ".torn";
        if (size == 0 || head)
            remove_file(setup_.storage, last->file());
        else
            rename_file(setup_.storage, last->file(),
                        aside);  // not ours, or badly hurt: keep it for whoever wants to look
        sync_directory(setup_.storage, setup_.directory);
        return false;
    }
    if (scan.position() < size) {
        recovery_.torn_bytes += size - scan.position();
        file.truncate(scan.position());
        file.sync();
    }
    recovery_.damaged.insert(recovery_.damaged.end(), damaged.begin(), damaged.end());
    for (auto& id : ids) remember(std::move(id));
    active_ = last;
    file_ = std::move(file);
    file_bytes_ = scan.position();
    return true;
}

// --- writing

void segment_journal::begin() {
    if (must_truncate_) {
        file_.truncate(file_bytes_);
        must_truncate_ = false;
    }
    gathering_ = {};
    gathering_.first = next_line_;
}

segment_journal::placed segment_journal::append(std::string_view lines, std::uint64_t count,
                                                std::string_view id) {
    if (!id.empty() && known_ids_.contains(id)) {
        const auto same = [&](const sender_batch& b) { return b.id == id; };
        const auto before = std::find_if(ids_.rbegin(), ids_.rend(), same);
        if (before != ids_.rend()) return {before->first, before->lines, true};
        const auto now = std::find_if(new_ids_.begin(), new_ids_.end(), same);
        return {now->first, now->lines, true};
    }
    const placed p{next_line_, count, false};
    while (!lines.empty()) {
        const auto end = lines.find('\n') + 1;
        DISTD_ASSERT(end != 0 && lines.front() == '{');
        append_numbered(lines_, next_line_++, lines.substr(0, end));
        lines.remove_prefix(end);
    }
    DISTD_ASSERT(next_line_ == p.first + count);
    gathering_.lines += count;
    if (!id.empty()) {
        sender_batch b{std::string(id), p.first, count};
        gathering_.ids.push_back(b);
        known_ids_.insert(b.id);
        new_ids_.push_back(std::move(b));
    }
    if (lines_.size() >= batch_bytes) {
        close_batch();
        write_out();
        out_.clear();
    }
    return p;
}

void segment_journal::close_batch() {
    if (gathering_.lines == 0 && gathering_.ids.empty()) return;
    const auto first = gathering_.first;
    if (written_.empty()) open_segment(first);
    const auto trailer = render_trailer(std::move(gathering_), lines_);
    const auto size = lines_.size() + trailer.size();
    out_ += lines_;
    out_ += trailer;
    written_.push_back({write_position_, size, first});
    write_position_ += size;
    lines_.clear();
    gathering_ = {};
    gathering_.first = next_line_;
}

// The place for a transaction's first batch.
void segment_journal::open_segment(std::uint64_t first) {
    if (!file_.is_open() || file_bytes_ >= setup_.segment_bytes || ended_) {
        if (file_.is_open()) sync();
        const auto path = setup_.directory / segment_name(first);
        posix_file made(setup_.storage, path, posix_file::mode::append);
        sync_directory(setup_.storage, setup_.directory);
        active_ = std::make_shared<segment>(setup_.storage, path, first);
        file_ = std::move(made);
        file_bytes_ = 0;
        ended_ = false;
    }
    if (file_bytes_ == 0) out_ = render_head({segment_format_version, first, {ids_.begin(), ids_.end()}});
    write_position_ = file_bytes_ + out_.size();
}

// What `out_` holds; it stays there for who wants to put it elsewhere, too.
void segment_journal::write_out() {
    if (out_.empty()) return;
    must_truncate_ = true;  // until the commit
    dirty_ = true;
    file_.write_all(out_);
}

void segment_journal::commit() {
    close_batch();
    const bool is_all = !must_truncate_;  // nothing of this commit was written before
    write_out();
    if (setup_.sync_each_commit) is_all ? make_durable(out_) : sync();
    out_.clear();
    must_truncate_ = false;
    if (!written_.empty()) {
        file_bytes_ = write_position_;
        for (auto& id : new_ids_) remember(std::move(id));
        std::lock_guard lock(mutex_);
        if (segments_.empty() || segments_.back() != active_) {
            if (!segments_.empty()) segments_.back()->keep_no_more();
            segments_.push_back(active_);
        }
        for (const auto& b : written_) active_->add(b);
        next_committed_ = next_line_;
    }
    written_.clear();
    new_ids_.clear();
}

// On the pad, or with all that is on the pad in the segment itself.
void segment_journal::make_durable(std::string_view written) {
    if (written.empty() || put_on_pad(written)) return;
    sync();
    if (pad_failed_) give_up_pad();
}

bool segment_journal::put_on_pad(std::string_view written) {
    const auto largest = setup_.pad_bytes / 16;
    if (setup_.pad.empty() || pad_failed_ || written.size() > largest) return false;
    if (!pad_ && ++commits_ < setup_.commits_before_pad) return false;
    try {
        if (!pad_) pad_ = std::make_unique<commit_pad>(setup_.pad, setup_.pad_bytes, true, setup_.storage);
        return pad_->put(active_->first(), file_bytes_, written);
    } catch (const store_error&) {
        pad_failed_ = true;
        return false;
    }
}

// Once the segment is synced. What is on the pad may contradict what is written from now on.
void segment_journal::give_up_pad() noexcept {
    pad_.reset();
    setup_.storage.remove(setup_.pad);
    pad_failed_ = false;
    commits_ = 0;  // it is tried again some time
}

void segment_journal::rollback() noexcept {
    out_.clear();
    lines_.clear();
    written_.clear();
    for (const auto& b : new_ids_) known_ids_.erase(b.id);
    new_ids_.clear();
    next_line_ = next();
    gathering_ = {};
    if (!must_truncate_) return;
    try {
        file_.truncate(file_bytes_);
        must_truncate_ = false;
    } catch (const store_error&) {
        // The next `begin` tries again, and fails its batch if it cannot.
    }
}

void segment_journal::sync() {
    if (!dirty_) return;
    file_.sync();
    dirty_ = false;
    if (pad_) pad_->begin_anew();
}

void segment_journal::end_segment() { ended_ = file_bytes_ > 0; }

void segment_journal::remember(sender_batch b) {
    known_ids_.insert(b.id);
    ids_.push_back(std::move(b));
    if (ids_.size() <= setup_.remembered_ids) return;
    known_ids_.erase(ids_.front().id);
    ids_.pop_front();
}

// --- reading

std::vector<std::shared_ptr<segment>> segment_journal::segments() const {
    std::lock_guard lock(mutex_);
    return segments_;
}

bool segment_journal::has_closed_segments() const {
    std::lock_guard lock(mutex_);
    return segments_.size() > 1;
}

void segment_journal::forget_oldest() {
    std::shared_ptr<segment> oldest;
    {
        std::lock_guard lock(mutex_);
        DISTD_ASSERT(segments_.size() > 1);
        oldest = segments_.front();
        segments_.erase(segments_.begin());
    }
    remove_file(setup_.storage, oldest->file());
    sync_directory(setup_.storage, setup_.directory);
}

std::uint64_t segment_journal::next() const {
    std::lock_guard lock(mutex_);
    return next_committed_;
}

}  // namespace distd

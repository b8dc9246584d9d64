#include "store/journal/segment_journal.hpp"

#include <iomanip>
#include <sstream>

#include "base/assert.hpp"
#include "base/parse_number.hpp"
#include "base/rarely.hpp"

namespace distd {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t batch_bytes = 4 << 20;  // a larger commit is written as several batches
constexpr std::size_t name_digits = 20;
constexpr std::string_view extension = ".ndjson";

fs::path segment_name(std::uint64_t first) {
    std::ostringstream name;
    name << std::setw(name_digits) << std::setfill('0') << first << extension;
    return name.str();
}

}  // namespace

std::optional<std::uint64_t> segment_journal::first_of(const fs::path& file) {
    const auto name = file.filename().string();
    if (name.size() != name_digits + extension.size() || !name.ends_with(extension)) return std::nullopt;
    return parse_number<std::uint64_t>(std::string_view(name).substr(0, name_digits));
}

// --- writing

void segment_journal::begin() {
    if (uncommitted_ || sync_failed_) restore();
    gathering_ = {};
    gathering_.first = next_line_;
    may_be_there_ = false;
}

segment_journal::placed segment_journal::append(std::string_view lines, std::uint64_t count,
                                                const batch_label& label) {
    gathering_.at = running_seconds(label.at);
    if (!label.id.empty())
        if (const auto* known = memory_.find(label.id, label.sender)) {
            const bool is_same = known->content.empty() || known->content == label.content;
            return {known->first, known->lines, is_same, !is_same};
        }
    const placed p{next_line_, count};
    while (!lines.empty()) {
        const auto end = lines.find('\n') + 1;
        DISTD_ASSERT(end != 0 && lines.front() == '{');
        append_numbered(lines_, next_line_++, lines.substr(0, end));
        lines.remove_prefix(end);
    }
    DISTD_ASSERT(next_line_ == p.first + count);
    gathering_.lines += count;
    if (!label.id.empty()) {
        gathering_.ids.push_back({label.id, label.sender, label.content, p.first, count});
        memory_.add(gathering_.ids.back(), seconds_);
        ++new_ids_;
        ++unsaved_ids_;
    }
    if (lines_.size() < batch_bytes) return p;
    try {
        close_batch();
        write_out();
        out_.clear();
    } catch (const store_error& e) {
        fail(e);
    }
    return p;
}

std::uint64_t segment_journal::running_seconds(steady_point now) {
    // The remainder of a second counts the next time.
    if (!last_time_) last_time_ = now;
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - *last_time_);
    if (passed.count() > 0) {
        seconds_ += static_cast<std::uint64_t>(passed.count());
        *last_time_ += passed;
    }
    return seconds_;
}

void segment_journal::close_batch() {
    if (gathering_.lines == 0 && gathering_.ids.empty()) return;
    const auto first = gathering_.first;
    if (written_.empty()) open_segment(first);
    gathering_.synced = synced_;
    gathering_.at = seconds_;
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

// Before a transaction's first batch: begins a new segment when the current one is full.
void segment_journal::open_segment(std::uint64_t first) {
    const bool is_full =
        file_bytes_ >= setup_.segment_bytes || (file_bytes_ > 0 && DISTD_RARELY("segment full"));
    if (!file_.is_open() || is_full || ended_) {
        refuse_lost_names(setup_.storage, setup_.directory);
        if (file_.is_open()) sync();
        save_ids();
        // The existence of the next segment proves that all of this one was synced, also when creating it
        // fails half-way.
        needs_mark_ = false;
        const auto path = setup_.directory / segment_name(first);
        posix_file made(setup_.storage, path, posix_file::mode::append);
        sync_directory(setup_.storage, setup_.directory);
        active_ = std::make_shared<segment>(setup_.storage, path, first);
        file_ = std::move(made);
        file_bytes_ = 0;
        synced_ = 0;
        ended_ = false;
    }
    if (file_bytes_ == 0) out_ = render_head({segment_format_version, first, {}});
    write_position_ = file_bytes_ + out_.size();
}

// Saves the ids of the segment that is closed; those of the open transaction will be in the next one.
void segment_journal::save_ids() {
    auto ids = memory_.newest(unsaved_ids_);
    ids.resize(ids.size() - std::min(ids.size(), new_ids_));
    id_files_.save(ids);
    unsaved_ids_ = new_ids_;
    if (memory_.size() > 0) id_files_.forget_before(memory_.oldest_at());
}

// Writes `out_`, which is kept for the doublewrite file.
void segment_journal::write_out() {
    if (out_.empty()) return;
    uncommitted_ = true;  // until the commit
    dirty_ = true;
    file_.write_all(out_);
    may_be_there_ = true;
}

// Makes the transaction durable, then visible to readers. A failure leaves the committed state as it was, but
// for what `fail` says.
void segment_journal::commit() {
    try {
        close_batch();
        const bool is_all = !uncommitted_;  // nothing of this commit was written before
        write_out();
        if (setup_.sync_each_commit) is_all ? make_durable(out_) : sync();
    } catch (const store_error& e) {
        fail(e);
    }
    out_.clear();
    uncommitted_ = false;
    if (!written_.empty()) {
        file_bytes_ = write_position_;
        if (!dirty_) synced_ = file_bytes_;
        needs_mark_ = true;
        std::lock_guard lock(mutex_);
        if (segments_.empty() || segments_.back() != active_) {
            if (!segments_.empty()) segments_.back()->keep_no_more();
            segments_.push_back(active_);
        }
        for (const auto& b : written_) active_->add(b);
        next_committed_ = next_line_;
    }
    written_.clear();
    new_ids_ = 0;
}

// By a write to the doublewrite file, or else by a sync of the segment, which covers all that is in the
// doublewrite file, too.
void segment_journal::make_durable(std::string_view written) {
    if (written.empty() || write_twice(written)) return;
    sync();
    if (!doublewrite_failed_) return;
    try {
        drop_doublewrite();
    } catch (const store_error&) {
        // Harmless: it holds nothing but what is committed. Tried again with the next commit.
    }
}

bool segment_journal::write_twice(std::string_view written) {
    const auto largest = setup_.doublewrite_bytes / 16;
    if (setup_.doublewrite.empty() || doublewrite_failed_ || written.size() > largest) return false;
    const bool is_begun = doublewrite_ || ++commits_ >= setup_.commits_before_doublewrite;
    if (!is_begun && !DISTD_RARELY("pad begun early")) return false;
    if (!doublewrite_ && setup_.storage.has_lost_names(setup_.doublewrite.parent_path())) return false;
    try {
        if (!doublewrite_)
            doublewrite_ = std::make_unique<doublewrite_file>(setup_.doublewrite, setup_.doublewrite_bytes,
                                                              true, setup_.storage);
        // A restore needs all that no sync has covered in the doublewrite file, without a gap: a round begins
        // only behind a sync.
        if (doublewrite_->is_empty() && synced_ < file_bytes_) return false;
        return doublewrite_->put(active_->first(), file_bytes_, written);
    } catch (const store_error&) {
        doublewrite_failed_ = true;
        return false;
    }
}

// To be called when the segment is synced. An old entry must not survive: a start would write it over newer
// bytes. So the file is emptied before it is removed, in case its name comes back in a power cut; where it
// cannot be emptied, its name must go.
void segment_journal::drop_doublewrite() {
    doublewrite_.reset();
    const bool is_empty = doublewrite_file::empty(setup_.doublewrite, setup_.storage);
    try {
        remove_file(setup_.storage, setup_.doublewrite);
        sync_directory(setup_.storage, setup_.doublewrite.parent_path());
    } catch (const store_error&) {
        if (!is_empty) throw;
    }
    doublewrite_failed_ = false;
    commits_ = 0;  // a new doublewrite file is made when commits come often again
}

void segment_journal::sync() {
    if (!dirty_) return;
    try {
        file_.sync();
    } catch (const store_error&) {
        sync_failed_ = true;
        throw;
    }
    dirty_ = false;
    synced_ = file_bytes_;
    if (doublewrite_) doublewrite_->clear();
}

void segment_journal::end_segment() { ended_ = file_bytes_ > 0; }

// --- after a failure

// The open transaction has failed. After a successful restore nothing of it is stored; without one, whole
// batches of it may be found at the next start when they were written, so that the outcome is unknown.
void segment_journal::fail(const store_error& e) {
    // Nothing but a restart helps when no segment can be begun.
    if (setup_.storage.has_lost_names(setup_.directory)) set_closed(e.what());
    if (!uncommitted_ && !sync_failed_) throw e;
    const bool is_in_doubt = may_be_there_;
    try {
        restore();
    } catch (const store_error&) {
        if (is_in_doubt) throw store_error(errc::outcome_unknown, e.what());
    }
    throw e;
}

void segment_journal::rollback() noexcept {
    out_.clear();
    lines_.clear();
    written_.clear();
    memory_.take_back(new_ids_);
    unsaved_ids_ -= std::min(unsaved_ids_, new_ids_);
    new_ids_ = 0;
    next_line_ = next();
    gathering_ = {};
    if (!uncommitted_ || !why_closed().empty()) return;
    try {
        restore();
    } catch (const store_error&) {
        // The next `begin` tries again, and fails its batch if that fails, too.
    }
}

// Restores the committed state, all of it on the disk: truncate, write again, sync, and only then the
// doublewrite file. When a step fails the journal stays closed, and the next `begin` starts over with the
// first step.
void segment_journal::restore() {
    try {
        file_.truncate(file_bytes_);
        rewrite_unsynced();
        file_.sync();
        dirty_ = false;
        synced_ = file_bytes_;
        // It may hold an entry of the transaction that has failed.
        if (doublewrite_failed_)
            drop_doublewrite();
        else if (doublewrite_)
            doublewrite_->clear();
    } catch (const store_error& e) {
        set_closed(e.what());
        throw;
    }
    uncommitted_ = false;
    sync_failed_ = false;
    set_closed({});
}

// The bytes come from the doublewrite file where it has them; the page cache may have lost them with the
// failed sync, or show them without the disk having them.
void segment_journal::rewrite_unsynced() {
    posix_file file(setup_.storage, active_->file(), posix_file::mode::in_place);
    if (doublewrite_)
        for (const auto& e : doublewrite_file::left_on(setup_.doublewrite, setup_.storage)) {
            const bool is_committed = e.file == active_->first() && e.offset + e.bytes.size() <= file_bytes_;
            if (is_committed && e.offset >= synced_) file.write_at(e.offset, e.bytes);
        }
    if (!is_whole(file, synced_, file_bytes_))
        throw store_error(errc::storage_failed,
                          file.path().string() + ": does not show what was written to it any more");
    write_again(file, synced_, file_bytes_);
}

void segment_journal::set_closed(std::string reason) {
    std::lock_guard lock(mutex_);
    closed_ = std::move(reason);
}

std::string segment_journal::why_closed() const {
    std::lock_guard lock(mutex_);
    return closed_;
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

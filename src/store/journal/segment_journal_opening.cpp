// Opening (recovery) and closing of a journal; writing and reading are in segment_journal.cpp.
#include <algorithm>
#include <utility>

#include "store/journal/segment_journal.hpp"

namespace distd {
namespace {

constexpr const char* damaged_entry = "does not fit its checksum, and what follows does";

}  // namespace

segment_journal::segment_journal(setup s)
    : setup_(std::move(s)), memory_(setup_.remembered), id_files_(setup_.storage, setup_.directory) {
    recover();
}

segment_journal::~segment_journal() {
    if (!active_) return;
    try {
        if (uncommitted_ || sync_failed_) restore();
        sync();
        write_synced_mark();
        if (doublewrite_ || doublewrite_failed_) drop_doublewrite();
    } catch (const store_error&) {
        // The next opening recovers what there is.
    }
}

void segment_journal::recover() {
    for (const auto& file : list_directory(setup_.storage, setup_.directory))
        if (const auto first = first_of(file))
            segments_.push_back(std::make_shared<segment>(setup_.storage, file, *first));
    std::sort(segments_.begin(), segments_.end(),
              [](const auto& a, const auto& b) { return a->first() < b->first(); });

    drop_what_is_kept_elsewhere();
    read_ids();
    auto committed = replay_doublewrite();
    // A last segment without a single batch was being begun at the crash; nothing in it was committed.
    bool was_closed = false;
    while (!segments_.empty() && !recover_last(segments_.back(), was_closed, std::exchange(committed, 0))) {
        next_line_ = std::max(next_line_, segments_.back()->first());
        segments_.pop_back();
        was_closed = true;
    }
    next_line_ = std::max(next_line_, setup_.kept_elsewhere + 1);
    next_committed_ = next_line_;
    make_recovered_durable();
}

void segment_journal::drop_what_is_kept_elsewhere() {
    if (!setup_.deletes_what_is_kept) return;
    while (segments_.size() > 1 && segments_[1]->first() <= setup_.kept_elsewhere + 1) {
        remove_file(setup_.storage, segments_.front()->file());
        segments_.erase(segments_.begin());
    }
}

void segment_journal::read_ids() {
    for (const auto& b : id_files_.read(recovery_.damaged)) {
        memory_.add(b.batch, b.at);
        seconds_ = std::max(seconds_, b.at);
        acknowledged_ = std::max(acknowledged_, b.batch.first + b.batch.lines);
    }
}

// Copies the doublewrite file's entries to the segments. After a power failure they may be missing there;
// after a crash of the process alone they are in the page cache, but maybe not on the disk. So they are
// written in any case, and the doublewrite file stays until that is synced. An entry that is damaged leaves a
// gap, and those behind it still count. Returns how far the last segment was committed then; 0: it has no
// gap.
std::uint64_t segment_journal::replay_doublewrite() {
    if (setup_.doublewrite.empty()) return 0;
    posix_file file;
    std::shared_ptr<segment> of;
    const auto sync_it = [&] {
        if (of && of != segments_.back()) file.sync();  // the last one is synced with all else of it
    };
    std::uint64_t committed = 0;
    for (const auto& e : doublewrite_file::left_on(setup_.doublewrite, setup_.storage)) {
        if (e.damaged > 0)
            recovery_.damaged.push_back(
                {setup_.doublewrite, e.position - e.damaged, e.damaged, damaged_entry});
        const auto where = std::find_if(segments_.begin(), segments_.end(),
                                        [&](const auto& s) { return s->first() == e.file; });
        if (where == segments_.end()) continue;  // sealed meanwhile
        if (*where != of) {
            sync_it();
            of = *where;
            file = posix_file(setup_.storage, of->file(), posix_file::mode::in_place);
        }
        if (has_damaged_doublewrite()) {
            if (file.size() < e.offset) file.write_at(e.offset - 1, "\n");  // batches begin lines
            if (of == segments_.back()) committed = std::max(committed, e.offset + e.bytes.size());
        }
        if (file.size() < e.offset) {
            recovery_.damaged.push_back({of->file(), e.offset, e.bytes.size(),
                                         "it ends before what the doublewrite file holds of it"});
            continue;
        }
        std::string there(e.bytes.size(), '\0');
        there.resize(file.read_at(e.offset, there.data(), there.size()));
        if (there != e.bytes) recovery_.replayed_bytes += e.bytes.size();
        file.write_at(e.offset, e.bytes);
    }
    sync_it();
    return committed;
}

bool segment_journal::has_damaged_doublewrite() const {
    return std::ranges::any_of(recovery_.damaged,
                               [&](const damage& d) { return d.file == setup_.doublewrite; });
}

bool segment_journal::recover_last(const std::shared_ptr<segment>& last, bool was_closed,
                                   std::uint64_t committed) {
    posix_file file(setup_.storage, last->file(), posix_file::mode::append);
    auto found = examine_segment(file, last->first(), {was_closed, committed, acknowledged_});
    recovery_.torn_bytes += found.size - found.end;
    if (found.blocks.empty()) {
        recovery_.torn_bytes += found.end;
        set_aside(*last, found);
        return false;
    }
    if (found.end < found.size) file.truncate(found.end);
    {
        posix_file in_place(setup_.storage, last->file(), posix_file::mode::in_place);
        write_again(in_place, found.synced, found.end);
    }
    file.sync();
    next_line_ = std::max(next_line_, found.next_line);
    recovery_.damaged.insert(recovery_.damaged.end(), found.damaged.begin(), found.damaged.end());
    for (const auto& block : found.blocks) last->add(block);
    for (const auto& b : found.ids) memory_.add(b.batch, b.at);
    unsaved_ids_ = found.ids.size();  // also what a file of ids shows of them: it may not be on the disk
    seconds_ = std::max(seconds_, found.at);
    active_ = last;
    file_ = std::move(file);
    file_bytes_ = found.end;
    synced_ = found.end;
    ended_ = !found.may_grow;
    needs_mark_ = found.may_grow && found.has_unmarked_lines;
    return true;
}

void segment_journal::set_aside(const segment& s, const segment_contents& found) {
    if (found.size == 0 || found.has_head) return remove_file(setup_.storage, s.file());
    auto aside = s.file();
    aside += ".torn";
    rename_file(setup_.storage, s.file(), aside);  // not ours, or badly damaged: kept for inspection
}

// The last segment is synced by now.
void segment_journal::make_recovered_durable() {
    sync_directory(setup_.storage, setup_.directory);
    const bool is_damaged = has_damaged_doublewrite();
    if (!is_damaged && !setup_.doublewrite.empty() && setup_.storage.exists(setup_.doublewrite))
        drop_doublewrite();
    try {
        write_synced_mark();
        if (is_damaged) set_doublewrite_aside();
    } catch (const store_error&) {
        // A full disk is no reason not to start; `begin` truncates what was written of the mark.
    }
}

// Once the segment itself says how far it was committed. It is kept for inspection.
void segment_journal::set_doublewrite_aside() {
    auto aside = setup_.doublewrite;
    aside += ".damaged";
    rename_file(setup_.storage, setup_.doublewrite, aside);
    sync_directory(setup_.storage, aside.parent_path());
}

// Appends an empty batch which says that all of the segment so far is on the disk: what is not sound of it
// from now on is reported as damaged, not truncated as torn.
void segment_journal::write_synced_mark() {
    if (!needs_mark_) return;
    batch_trailer mark;
    mark.first = next_line_;
    mark.synced = synced_;
    mark.at = seconds_;
    const auto text = render_trailer(std::move(mark), {});
    uncommitted_ = true;
    dirty_ = true;
    file_.write_all(text);
    uncommitted_ = false;
    file_bytes_ += text.size();
    needs_mark_ = false;
    sync();
}

}  // namespace distd

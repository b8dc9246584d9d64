#include "sim/page_file.hpp"

#include <algorithm>

namespace distd::sim {

void page_file::write(std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto end = offset + bytes.size();
    forget_rot(offset, end);
    if (cached_.size() < end) {
        cached_.resize(end);
        size_changed_ = true;
    }
    cached_.replace(offset, bytes.size(), bytes);
    for (auto page = offset / page_bytes; page <= (end - 1) / page_bytes; ++page) dirty_.insert(page);
}

void page_file::truncate(std::uint64_t size) {
    if (size == cached_.size()) return;
    size_changed_ = true;
    forget_rot(size, cached_.size());
    if (size < cached_.size()) {
        dirty_.erase(dirty_.lower_bound((size + page_bytes - 1) / page_bytes), dirty_.end());
        if (size < cut_to_.value_or(durable_.size())) cut_to_ = size;
    }
    cached_.resize(size);
}

void page_file::write_through(std::uint64_t offset, std::string_view bytes) {
    const auto end = offset + bytes.size();
    forget_rot(offset, end);
    if (cached_.size() < end) cached_.resize(end);
    if (durable_.size() < end) durable_.resize(end);
    cached_.replace(offset, bytes.size(), bytes);
    durable_.replace(offset, bytes.size(), bytes);
}

void page_file::sync() {
    if (cut_to_) durable_.resize(*cut_to_);
    durable_.resize(cached_.size());
    for (const auto page : dirty_) copy_sectors(page, nullptr);
    dirty_.clear();
    size_changed_ = false;
    cut_to_.reset();
}

void page_file::fail_to_sync(chance& c) {
    // The size stays to be noted by a later sync, or not.
    for (const auto page : dirty_)
        if (c.one_in(2) && page * page_bytes < durable_.size()) copy_sectors(page, &c);
    dirty_.clear();
}

void page_file::lose_power(chance& c) {
    const auto size = lose_size(c);
    for (const auto page : dirty_)
        if (c.one_in(2)) copy_sectors(page, c.one_in(2) ? &c : nullptr);
    durable_.resize(size);
    dirty_.clear();
    size_changed_ = false;
    cut_to_.reset();
    cached_ = durable_;
}

// Which size the disk has. What was cut off may be there still.
std::uint64_t page_file::lose_size(chance& c) {
    if (cut_to_ && c.one_in(3)) {  // the cut did not get there, nor what came after it
        dirty_.erase(dirty_.lower_bound(*cut_to_ / page_bytes), dirty_.end());
        return durable_.size();
    }
    if (cut_to_) durable_.resize(*cut_to_);
    const auto before = durable_.size();
    if (cached_.size() <= before) return size_changed_ && c.one_in(2) ? cached_.size() : before;
    std::uint64_t size = cached_.size();
    if (c.one_in(4))
        size = before;
    else if (c.one_in(2))
        size = c.between(before, cached_.size()) / sector_bytes * sector_bytes;
    size = std::max<std::uint64_t>(size, before);
    durable_.resize(size);  // with zeros, where nothing else gets
    return size;
}

std::optional<std::uint64_t> page_file::rot(chance& c, std::uint64_t from, std::uint64_t to) {
    to = std::min<std::uint64_t>({to, cached_.size(), durable_.size()});
    if (from >= to) return std::nullopt;
    const auto place = c.between(from, to - 1);
    const bool is_sector = c.one_in(4);
    const auto first = is_sector ? std::max(from, place / sector_bytes * sector_bytes) : place;
    const auto last = is_sector ? std::min(to, (place / sector_bytes + 1) * sector_bytes) : place + 1;
    const bool is_of_zeros = is_sector && c.one_in(2);
    const bool is_bit = c.one_in(2);
    std::optional<std::uint64_t> changed;
    for (auto at = first; at < last; ++at) {
        const char was = cached_[at];
        const auto drawn = static_cast<char>(is_bit ? was ^ (1 << c.below(8)) : c.draw());
        const char is = is_of_zeros ? '\0' : drawn;
        // What waits for a sync, or was lost by one, is not read from the disk.
        if (is == was || was != durable_[at] || dirty_.contains(at / page_bytes)) continue;
        sound_.emplace(at, was);
        cached_[at] = durable_[at] = is;
        if (!changed) changed = at;
    }
    return changed;
}

void page_file::restore() {
    for (const auto& [at, was] : sound_)
        if (at < cached_.size() && at < durable_.size()) cached_[at] = durable_[at] = was;
    accept_rot();
}

void page_file::accept_rot() {
    sound_.clear();
    was_overwritten_ = false;
}

void page_file::forget_rot(std::uint64_t from, std::uint64_t to) {
    const auto first = sound_.lower_bound(from);
    const auto last = sound_.lower_bound(std::max(from, to));
    was_overwritten_ = was_overwritten_ || first != last;
    sound_.erase(first, last);
}

// All of them, or a part that is drawn.
void page_file::copy_sectors(std::uint64_t page, chance* drawn) {
    for (auto at = page * page_bytes; at < (page + 1) * page_bytes; at += sector_bytes) {
        const auto end = std::min({at + sector_bytes, cached_.size(), durable_.size()});
        if (at >= end) return;
        if (drawn && drawn->one_in(2)) continue;
        durable_.replace(at, end - at, cached_, at, end - at);
    }
}

}  // namespace distd::sim

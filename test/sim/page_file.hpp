// The bytes of one file, twice: as the page cache shows them, and as they lie on the disk. Pages that were
// written are dirty until a sync; a sync that fails leaves them clean, as Linux does: they are shown as they
// were written and never reach the disk, unless they are written again. The disk may also change bytes by
// itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sim/chance.hpp"

namespace distd::sim {

class page_file {
public:
    static constexpr std::size_t page_bytes = 4096;
    static constexpr std::size_t sector_bytes = 512;

    [[nodiscard]] std::string_view shown() const noexcept { return cached_; }
    [[nodiscard]] bool is_dirty() const noexcept { return !dirty_.empty() || size_changed_; }

    void write(std::uint64_t offset, std::string_view bytes);
    void truncate(std::uint64_t size);
    // Past the cache.
    void write_through(std::uint64_t offset, std::string_view bytes);

    void sync();
    // Some of what was dirty reached the disk; nothing is dirty any more.
    void fail_to_sync(chance&);
    // The machine goes down: any sectors of what was dirty may have reached the disk, and any of the sizes
    // that it had since the last sync. Then the cache shows what the disk has.
    void lose_power(chance&);

    // The disk changes something that is durable by itself, between two places: a bit, a byte or a sector of
    // it. Where that was; nothing: there is nothing that could be changed.
    std::optional<std::uint64_t> rot(chance&, std::uint64_t from, std::uint64_t to);
    // Whether it has changed something, whatever was written over it since.
    [[nodiscard]] bool is_rotten() const noexcept { return was_overwritten_ || !sound_.empty(); }
    [[nodiscard]] bool has_written_over_rot() const noexcept { return was_overwritten_; }
    // What was not written over is as it was; nothing counts as changed any more.
    void restore();
    // It stays as it is, and counts as written.
    void accept_rot();

private:
    void forget_rot(std::uint64_t from, std::uint64_t to);
    void copy_sectors(std::uint64_t page, chance*);
    void cut(std::uint64_t size);
    [[nodiscard]] std::uint64_t lose_size(chance&);

    std::string cached_;
    std::string durable_;
    std::set<std::uint64_t> dirty_;  // pages
    bool size_changed_ = false;      // since the last sync
    std::optional<std::uint64_t>
        cut_to_;  // the smallest size since the last sync, when that is below the durable one
    std::map<std::uint64_t, char> sound_;  // what the disk has changed, by place: how it was
    bool was_overwritten_ = false;         // some of it
};

}  // namespace distd::sim

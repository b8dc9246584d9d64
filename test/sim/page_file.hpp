// The bytes of one file, twice: as the page cache shows them, and as they lie on the disk. Pages that were
// written are dirty until a sync; a sync that fails leaves them clean, as Linux does: they are shown as they
// were written and never reach the disk, unless they are written again.
#pragma once

#include <cstdint>
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

private:
    void copy_sectors(std::uint64_t page, chance*);
    void cut(std::uint64_t size);
    [[nodiscard]] std::uint64_t lose_size(chance&);

    std::string cached_;
    std::string durable_;
    std::set<std::uint64_t> dirty_;  // pages
    bool size_changed_ = false;      // since the last sync
    std::optional<std::uint64_t>
        cut_to_;  // the smallest size since the last sync, when that is below the durable one
};

}  // namespace distd::sim

// What a registry keeps over its own end: the instances, which entries have been withdrawn, and up to which
// revision each subscriber is known to be up to date. Used on a writer thread; throws store_error.
//
// Every change that subscribers can see is kept, with its revision, before a patch tells of it. A
// subscriber's `settled` is written some time after it was brought up to date. So whatever it was told before
// our end is either covered by `settled`, or an entry with a higher revision: of those, and only of those, we
// do not know whether it holds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "role/registry/core/change_events.hpp"
#include "role/registry/core/changes.hpp"
#include "store/sqlite.hpp"

namespace distd::registry {

class registry_store {
public:
    // Over it the oldest are forgotten: only a subscriber that could not be reached since then, and our own
    // restart, would miss one.
    static constexpr std::int64_t most_withdrawn = 100'000;

    // A new file begins with the revision `first`.
    explicit registry_store(std::filesystem::path file, std::uint64_t first = 1, disk& = real_disk());

    [[nodiscard]] kept_state load();
    void apply(const change&);
    void apply(std::span<const change* const> batch);  // in its order

    [[nodiscard]] sqlite::database& database() noexcept { return database_; }

private:
    void write(const put_change&);
    void write(const remove_change&);
    void write(const offer_change&);
    void write(const drain_change&);
    void write(const settled_change&);
    void write(const tidy_change&);
    void write(const guard_change&);
    void load_instances(kept_state&);
    void load_history(kept_state&);
    void replace(const put_change&, const earlier_registration&);
    void withdraw(std::string_view name, std::string_view url, std::uint64_t revision);
    void add(const event&);
    [[nodiscard]] bool insert(const put_change&);
    // What is registered with that URL.
    [[nodiscard]] earlier_registration find(const registration&);
    // 0: whichever generation.
    [[nodiscard]] std::optional<std::string> name_of(std::string_view url, std::uint64_t generation);

    sqlite::database database_;
    bool has_withdrawn_ = false;  // when not, a newcomer was never withdrawn before
    std::uint64_t events_added_ = 0;
};

}  // namespace distd::registry

// What a registry keeps over its own end: the instances, which entries have been withdrawn, and up to which
// revision each subscriber is known to be up to date. Used on a writer thread; throws store_error.
//
// The premise that `dispatcher::restore` builds on: every change that subscribers can see is kept, with its
// revision, before a patch tells of it, and a subscriber's `settled` is written some time after it was
// brought up to date. So whatever it was sent before our end is either covered by `settled`, or an entry with
// a higher revision: of those, and only of those, we do not know whether it holds them.
//
// The same for those that are not registered any more, or require something else now: until they are known
// to be up to date again, `former` has what they required.
//
// The premise does not hold once a commit has failed: the registry's own verdicts are published all the same,
// and what was refused may yet be on the disk. So a failed commit sets the doubt of `store_mark`, which a
// full disk still takes, before anything is published. It holds until a `restatement` is stored: the rows
// of all that refused changes were about, and the timeline since, as they are in memory. Where the registry
// ends before that, `load` says that nobody is known to hold anything: each entry is removed once from
// whoever may hold it, then added, which is right whatever the database missed. What keeps an entry in
// `withdrawn` from being forgotten is the `settled` of all, so nothing is forgotten there while the doubt
// lasts.
//
// Revisions are numbered on from the mark's ceiling, which is raised before any above it is stored or shown:
// so none is given twice, whatever the database lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "role/registry/core/change_events.hpp"
#include "role/registry/core/changes.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/store_mark.hpp"

namespace distd::registry {

class registry_store final : public commit_target {
public:
    // Over it the oldest are forgotten: only a subscriber that could not be reached since then, and our own
    // restart, would miss one.
    static constexpr std::int64_t max_withdrawn = 100'000;

    // A new file begins with the revision `first`, or behind the ceiling of one that was lost.
    explicit registry_store(std::filesystem::path file, std::uint64_t first = 1, disk& = real_disk());

    [[nodiscard]] kept_state load();
    void apply(const change&);
    void apply(std::span<const change* const> batch);  // in its order

    // Around batches.
    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] std::string take_warning() override;
    // From any thread: revisions up to this one will be given out.
    void will_use(std::uint64_t revision) noexcept { highest_ = revision; }

    // From any thread, after a commit that failed: a restart will know that the database may be behind, and
    // number on from above all that this commit was to store.
    [[nodiscard]] bool has_noted_doubt() const noexcept { return has_noted_doubt_; }

    // What was found at the start: the database is gone and its mark is there, or the mark makes no sense.
    [[nodiscard]] bool has_lost_data() const noexcept { return database_.was_new() && mark_.was_there(); }
    [[nodiscard]] bool has_lost_mark() const noexcept { return !mark_.was_readable(); }

    [[nodiscard]] sqlite::database& database() noexcept { return database_; }

private:
    void write(const put_change&);
    void write(const remove_change&);
    void write(const offer_change&);
    void write(const drain_change&);
    void write(const settled_change&);
    void write(const tidy_change&);
    void write(const health_change&);
    void write(const guard_change&);
    void write(const configuration_change&);
    void write(const alert_change&);
    void write(const restate_change&);
    void restate(const kept_instance&);
    void restate(const restatement::absence&);
    void load_instances(kept_state&);
    void load_history(kept_state&);
    void load_health(kept_health&);
    void load_alerts(kept_state&);
    void replace(const put_change&, const earlier_registration&);
    void withdraw(std::string_view name, std::string_view url, std::uint64_t revision);
    void note_former(std::string_view url, std::uint64_t revision);
    void add(const event&);
    [[nodiscard]] std::uint64_t ceiling_to_have() const;
    [[nodiscard]] bool insert(const put_change&);
    // What is registered with that URL.
    [[nodiscard]] earlier_registration find(const put_change&);
    // 0: whichever generation.
    [[nodiscard]] std::optional<std::string> name_of(std::string_view url, std::uint64_t generation);

    store_mark mark_;
    sqlite::database database_;
    std::atomic<std::uint64_t> highest_{0};
    std::atomic<bool> has_noted_doubt_{false};
    bool was_restated_ = false;   // in the transaction that is open
    std::string mark_trouble_;    // why the mark could not be written; not logged yet
    bool has_withdrawn_ = false;  // when not, a newcomer was never withdrawn before
    bool has_former_ = false;
    std::uint64_t events_added_ = 0;
};

}  // namespace distd::registry

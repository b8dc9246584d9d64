// The log as a whole: journal, doublewrite file, and the upkeep that seals segments into parts and puts parts
// together. Every line that was answered is found once, whether it is sealed or not, after any kill, power
// cut and sickness.
#include <catch2/catch.hpp>
#include <optional>

#include "role/log/search/search.hpp"
#include "role/log/storage/compactor.hpp"
#include "sim/life.hpp"
#include "sim/log_lines.hpp"
#include "store/commit_queue.hpp"
#include "support/moving_time.hpp"

using namespace distd;
using namespace distd::sim::stores;

namespace {

class log_under_test {
public:
    static constexpr bool starts_in_any_case = true;

    explicit log_under_test(history& h) : h_(h), lines_(h, "/log/journal", "/log/commits.pad") {
        limits_.reserve_bytes = h.draws.one_in(2) ? 64 << 10 : 0;
        limits_.merge.line_bytes = h.draws.between(4, 200) << 10;
    }

    void open() {
        lines_.prepare_start();
        make_directories(h_.disk, "/log/journal");
        parts_ = std::make_unique<logs::part_set>("/log/parts", h_.disk);
        for (const auto& d : parts_->damaged()) report(d);
        journal_ = std::make_unique<segment_journal>(setup());
        for (const auto& d : journal_->recovered().damaged) report(d);
        compactor_ = std::make_unique<logs::compactor>(*journal_, *parts_, limits_);
        queue_ = std::make_unique<commit_queue>("writer", *journal_, h_.loop.get_executor());
        h_.note("opened: " + std::to_string(parts_->parts()->size()) + " parts, " +
                std::to_string(journal_->segments().size()) + " segments");
        lines_.look_after_start(read(true));
    }
    void close() {
        queue_.reset();
        compactor_.reset();
        journal_.reset();
        parts_.reset();
        lines_.forget_answers();
    }
    void write() {
        auto batch = lines_.next_batch();
        auto job = [this, batch]() -> result<segment_journal::placed> {
            return journal_->append(batch->text(), batch->tags.size(), {.id = batch->id});
        };
        queue_->submit(std::move(job), 0, [this, batch](const result<segment_journal::placed>& r) {
            if (h_.is_alive()) lines_.answered(batch, r);
        });
        h_.settle();
    }
    void work() {
        journal_->end_segment();
        constexpr std::int64_t now_ns = 1'900'000'000'000'000'000;
        const auto done = compactor_->work(now_ns, [] { return false; });
        h_.note("upkeep: " + std::to_string(done.sealed) + " sealed, " + std::to_string(done.merged) +
                " put together" + (done.failure.empty() ? "" : ", " + done.failure));
        // One that died before it could say so has left a copy with a name that does. What it failed to read
        // as it died is no damage.
        for (const auto& d : done.damaged)
            if (h_.is_alive() || h_.has_ever_rotted(d.file)) report_damage(h_, lines_, d);
        if (!h_.is_alive()) return;
        h_.promise(done.failure.empty() || h_.may_fail() || !parts_->is_last_named(),
                   "the upkeep fails on a disk that is well: " + done.failure);
    }
    void look() {
        try {
            lines_.look(read(h_.draws.one_in(2)));
        } catch (const store_error& e) {
            h_.promise(h_.may_fail(), e.what());
            h_.note(std::string("it cannot be read: ") + e.what());
        }
    }
    [[nodiscard]] std::size_t acknowledged() const { return lines_.acknowledged(); }
    void must_work() {
        for (int tries = 0; tries < 3; ++tries) {
            const auto before = lines_.acknowledged();
            write();
            work();
            if (lines_.acknowledged() > before) return;
            close();
            open();
        }
        h_.promise(false, "the disk is well, and nothing can be stored");
    }

private:
    segment_journal::setup setup() {
        segment_journal::setup s{.directory = "/log/journal", .storage = h_.disk};
        s.doublewrite = "/log/commits.pad";
        s.doublewrite_bytes = 64 << 10;
        s.segment_bytes = 3000;
        s.commits_before_doublewrite = 4;
        s.kept_elsewhere = parts_->last();
        s.deletes_what_is_kept = parts_->is_last_named();
        return s;
    }
    void report(const damage& d) {
        if (!h_.is_alive()) throw store_error(errc::storage_failed, "it died while it was read");
        report_damage(h_, lines_, d);
    }
    // On a disk that may fail to give back what it has, or on one that for once does not.
    std::vector<read_line> read(bool is_well) {
        logs::log_query q;
        q.oldest_first = true;
        q.limit = logs::max_lines;
        const test::moving_time still{milliseconds(0)};
        logs::search s(*parts_, *journal_, helper_, std::move(q), logs::search_budget(still));
        std::optional<sim::without_faults> without;
        if (is_well) without.emplace(h_.disk);
        std::vector<read_line> found;
        for (;;) {
            const auto some = s.step();
            if (!h_.is_alive()) throw store_error(errc::storage_failed, "it died while it was read");
            h_.promise(some.failure.empty() || h_.may_fail(), "the search fails: " + some.failure);
            if (!some.failure.empty()) lines_.damage_named();
            for (const auto& d : some.damaged) report(d);
            for (const auto& l : some.lines) found.push_back({l.seq, some.text.substr(l.start, l.size)});
            if (some.is_end) break;
        }
        return found;
    }
    history& h_;
    log_lines lines_;
    parallel_helper helper_{"helper"};
    logs::upkeep_limits limits_{};
    std::unique_ptr<logs::part_set> parts_;
    std::unique_ptr<segment_journal> journal_;
    std::unique_ptr<logs::compactor> compactor_;
    std::unique_ptr<commit_queue> queue_;
};

void one_history(history& h) {
    log_under_test l(h);
    live(h, l, [&] {
        const auto what = h.draws.below(10);
        if (what == 0)
            l.look();
        else if (what <= 2)
            l.work();
        else
            l.write();
    });
}

// The sync of the folder fails after the part was named, the process dies, the next one finds no room to name
// the part again, and then the power goes.
void history_of_a_lost_name(history& h) {
    log_under_test l(h);
    const auto start_anew = [&](bool with_power) {
        h.disk.kill();
        l.close();
        h.settle();
        if (with_power) h.disk.crash();
        h.disk.start();
        l.open();
    };
    h.disk.settle();
    l.open();
    while (l.acknowledged() < 20) l.write();
    h.disk.odds_of["/log/parts"].sync_fails = 1;
    l.work();
    h.disk.odds_of.clear();
    h.disk.full = true;
    start_anew(false);
    h.note("the power goes");
    start_anew(true);  // all lines that were answered must be there
    h.disk.full = false;
    l.must_work();
    l.close();
}

}  // namespace

TEST_CASE("histories of the log and its upkeep", "[seeds]") {
    run_histories("histories of the log and its upkeep", 600, &one_history);
}
TEST_CASE("histories of the log and its upkeep whose bytes change") {
    run_histories("histories of the log and its upkeep whose bytes change", 600, &one_history,
                  stored_bytes::change);
}

TEST_CASE("what a part stands for stays while its name is in doubt", "[seeds]") {
    run_histories("what a part stands for stays while its name is in doubt", 300, &history_of_a_lost_name);
}

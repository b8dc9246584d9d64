// The journal with its doublewrite file: what was answered is there, in the order of its numbers, after any
// kill, power cut and sickness of the disk; a torn tail is recovered, and no start fails.
#include <catch2/catch.hpp>
#include <optional>

#include "sim/life.hpp"
#include "sim/log_lines.hpp"
#include "store/commit_queue.hpp"
#include "store/journal/journal_walk.hpp"

using namespace distd;
using namespace distd::sim::stores;

namespace {

class journal_under_test {
public:
    static constexpr bool starts_in_any_case = true;

    explicit journal_under_test(history& h) : h_(h), lines_(h, "/log/journal", "/log/commits.pad") {
        setup_.directory = "/log/journal";
        setup_.doublewrite = "/log/commits.pad";
        setup_.doublewrite_bytes = 64 << 10;
        setup_.segment_bytes = h.draws.between(2, 100) << 10;
        setup_.commits_before_doublewrite = h.draws.below(12);
    }

    void open() {
        lines_.prepare_start();
        make_directories(h_.disk, setup_.directory);
        journal_ = std::make_unique<segment_journal>(setup_);
        queue_ = std::make_unique<commit_queue>("writer", *journal_, h_.loop.get_executor());
        const auto& found = journal_->recovered();
        h_.note("opened: " + std::to_string(found.torn_bytes) + " torn bytes cut, " +
                std::to_string(found.replayed_bytes) + " came from the doublewrite file");
        for (const auto& d : found.damaged) report(d);
        lines_.look_after_start(read(true));
    }
    void close() {
        queue_.reset();
        journal_.reset();
        lines_.forget_answers();
    }
    [[nodiscard]] bool is_open() const { return journal_ != nullptr; }

    void write() {
        const auto jobs = h_.draws.one_in(3) ? h_.draws.between(2, 4) : 1;
        for (std::uint64_t i = 0; i < jobs; ++i) {
            auto batch = lines_.next_batch();
            auto job = [this, batch]() -> result<segment_journal::placed> {
                return journal_->append(batch->text(), batch->tags.size(), {.id = batch->id});
            };
            queue_->submit(std::move(job), 0, [this, batch](const result<segment_journal::placed>& r) {
                if (h_.is_alive()) lines_.answered(batch, r);
            });
        }
        h_.settle();
    }
    void sync() {
        auto job = [this]() -> result<> {
            journal_->sync();
            return {};
        };
        h_.note("sync");
        queue_->submit(std::move(job), 0, [](const result<>&) {});
        h_.settle();
    }
    void end_segment() {
        journal_->end_segment();
        h_.note("the segment ends");
    }
    void look() {
        try {
            lines_.look(read(h_.draws.one_in(2)));
        } catch (const store_error& e) {
            h_.promise(h_.may_fail(), e.what());
            h_.note(std::string("it cannot be read: ") + e.what());
        }
    }
    // Faults have ended: it takes lines again, if need be after it was opened again.
    void must_work() {
        for (int tries = 0; tries < 3; ++tries) {
            const auto before = lines_.acknowledged();
            write();
            if (lines_.acknowledged() > before) return;
            close();
            open();
        }
        h_.promise(false, "the disk is well, and nothing can be stored");
    }

private:
    void report(const damage& d) { report_damage(h_, lines_, d); }
    // On a disk that may fail to give back what it has, or on one that for once does not.
    std::vector<read_line> read(bool is_well) {
        std::optional<sim::without_faults> without;
        if (is_well) without.emplace(h_.disk);
        std::vector<read_line> found;
        journal_walk walk(*journal_, journal_walk::direction::oldest_first, std::nullopt);
        for (;;) {
            const auto& some = walk.next();
            if (some.empty()) break;
            for (const auto& l : some) found.push_back({l.seq, std::string(l.text)});
        }
        if (!h_.is_alive()) throw store_error(errc::storage_failed, "it died while it was read");
        for (const auto& d : walk.take_damaged()) report(d);
        return found;
    }

    history& h_;
    log_lines lines_;
    segment_journal::setup setup_{.directory = {}, .storage = h_.disk};
    std::unique_ptr<segment_journal> journal_;
    std::unique_ptr<commit_queue> queue_;
};

void one_history(history& h) {
    journal_under_test j(h);
    live(h, j, [&] {
        const auto what = h.draws.below(12);
        if (what == 0)
            j.sync();
        else if (what == 1)
            j.end_segment();
        else if (what == 2)
            j.look();
        else
            j.write();
    });
}

}  // namespace

TEST_CASE("histories of the journal and its doublewrite file", "[seeds]") {
    run_histories("histories of the journal and its doublewrite file", 600, &one_history);
}
TEST_CASE("histories of the journal and its doublewrite file whose bytes change") {
    run_histories("histories of the journal and its doublewrite file whose bytes change", 600, &one_history,
                  stored_bytes::change);
}

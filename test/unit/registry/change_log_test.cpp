// Changes through the journal to a real store, on a disk that may refuse.
#include "role/registry/change_log.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include "base/task_group.hpp"
#include "support/fake_time.hpp"
#include "support/forwarding_disk.hpp"
#include "support/full_disk.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::registry;

namespace {

put_change put(const std::string& url) { return {{"A", url, {}, "", ""}, 0}; }

// Refuses to write to the marks beside databases, in the order of a list.
class picky_disk final : public test::forwarding_disk {
public:
    picky_disk() : forwarding_disk(real_disk()) {}
    std::vector<bool> refusals;  // of the next writes; all behind them are refused as well

private:
    class picky_file final : public forwarding_file {
    public:
        picky_file(picky_disk& d, std::unique_ptr<file> that) : forwarding_file(std::move(that)), disk_(d) {}
        result<std::size_t> write_at(std::uint64_t at, std::string_view bytes) override {
            if (disk_.refuses_next())
                return boost::system::error_code(EIO, boost::system::generic_category());
            return forwarding_file::write_at(at, bytes);
        }

    private:
        picky_disk& disk_;
    };

    std::unique_ptr<file> wrapped(const path& p, std::unique_ptr<file> that) override {
        if (p.extension() != ".mark") return that;
        return std::make_unique<picky_file>(*this, std::move(that));
    }
    bool refuses_next() {
        if (next_ == refusals.size()) return !refusals.empty();
        return refusals[next_++];
    }

    std::size_t next_ = 0;
};

struct scene : test::loop_runner {
    explicit scene(disk& on = real_disk())
        : time(loop), store(dir / "registry.db", 1, on), tasks(loop.get_executor(), time) {
        change_log::origin from;
        from.revision = store.load().revision;
        log = std::make_unique<change_log>(
            store, loop.get_executor(), time, from,
            [this](const change& c) {
                applied.push_back(c);
                return effect;
            },
            [this](const auto& urls, std::uint64_t index) {
                asked = urls;
                asked_from = index;
                return memory;
            });
        tasks.spawn("journal", [this] { return log->run(); });
    }
    ~scene() {
        tasks.cancel();
        run([this] { return ended(); });
    }
    task<> ended() { co_await tasks.join_until(steady_point::max()); }

    result<directory::effect> commit(change c) {
        result<directory::effect> outcome = directory::effect::nothing;
        run([&] { return commit_into(c, outcome); });
        return outcome;
    }
    task<> commit_into(change c, result<directory::effect>& outcome) {
        outcome = co_await log->commit(std::move(c));
    }
    void record(change c) {
        log->record(std::move(c));
        run([&] { return idle(); });
    }
    task<> idle() {
        while (!log->is_idle()) {
            auto ex = loop.get_executor();
            co_await boost::asio::post(ex, use_task);
        }
    }
    task<> turns() {
        for (int i = 0; i < 10; ++i) {
            auto ex = loop.get_executor();
            co_await boost::asio::post(ex, use_task);
        }
    }
    task<> until_applied(std::size_t count) {
        while (applied.size() < count) {
            auto ex = loop.get_executor();
            co_await boost::asio::post(ex, use_task);
        }
    }
    // As a full disk does it: nothing can be written any more.
    void refuse(bool on) {
        store.database().run_script(on ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF");
    }

    std::filesystem::path copy_as_left_by_a_kill() const {
        for (const auto* file : {"registry.db", "registry.db-wal", "registry.mark"})
            std::filesystem::copy_file(dir / file, left / file);
        return left / "registry.db";
    }

    test::temp_dir dir;
    test::temp_dir left;
    test::fake_time time;
    registry_store store;
    std::vector<change> applied;
    directory::effect effect = directory::effect::done;
    restatement memory;
    std::set<std::string> asked;
    std::uint64_t asked_from = 0;
    std::unique_ptr<change_log> log;
    task_group tasks;
};

}  // namespace

TEST_CASE("a change is answered after it is durable and applied, and revisions grow over restarts") {
    scene s;
    CHECK(s.commit(put("u1")).value() == directory::effect::done);
    CHECK(s.commit(put("u2")).value() == directory::effect::done);
    REQUIRE(s.applied.size() == 2);
    CHECK(std::get<put_change>(s.applied[0]).revision == 2);
    CHECK(std::get<put_change>(s.applied[1]).revision == 3);
    const auto state = s.store.load();
    CHECK(state.revision == 3);
    CHECK(state.instances.size() == 2);
}

TEST_CASE("changes are applied in the order in which they came, whoever waits for them") {
    scene s;
    for (int i = 0; i < 50; ++i) s.log->record(offer_change{"u" + std::to_string(i), 1, false, 0});
    s.record(remove_change{"last", 1, 0});
    REQUIRE(s.applied.size() == 51);
    for (int i = 0; i < 50; ++i)
        CHECK(std::get<offer_change>(s.applied[static_cast<std::size_t>(i)]).revision == i + 2U);
    CHECK(std::get<remove_change>(s.applied.back()).url == "last");
}

TEST_CASE("on a disk that refuses, a registration is refused and not applied") {
    scene s;
    s.refuse(true);
    const auto outcome = s.commit(put("u1"));
    CHECK(outcome.has_error());
    CHECK(s.applied.empty());
    s.refuse(false);
    CHECK(s.commit(put("u1")).has_value());
    CHECK(s.store.load().instances.size() == 1);
}

TEST_CASE("on a disk that refuses, a drain is refused and not applied") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    s.refuse(true);
    CHECK(s.commit(drain_change{"u1", {1700, "why"}, 0}).has_error());
    CHECK(s.applied.size() == 1);
    s.refuse(false);
    CHECK_FALSE(s.store.load().instances.front().drain.holds());
    CHECK(s.commit(drain_change{"u1", {1700, "why"}, 0}).has_value());
    CHECK(s.store.load().instances.front().drain.reason == "why");
}

TEST_CASE("a change that the clock puts before an earlier one has the time of that one") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    s.time.jump_wall(std::chrono::hours(-1));
    REQUIRE(s.commit(put("u2")).has_value());
    CHECK(std::get<put_change>(s.applied[1]).at_ms == std::get<put_change>(s.applied[0]).at_ms);
    s.time.jump_wall(std::chrono::hours(2));
    REQUIRE(s.commit(put("u3")).has_value());
    CHECK(std::get<put_change>(s.applied[2]).at_ms > std::get<put_change>(s.applied[0]).at_ms);
}

TEST_CASE(
    "a verdict of our own is applied on a disk that refuses, and in doubt from before it is published") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    s.refuse(true);
    s.record(offer_change{"u1", 2, false, 0});
    CHECK(s.applied.size() == 2);
    CHECK(s.store.load().instances.front().offered);
    CHECK(s.store.load().in_doubt);
    CHECK(s.log->is_unsure());
}

TEST_CASE("once the disk takes it, what is written is how memory stands, not what was refused") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    REQUIRE(s.commit(put("u2")).has_value());
    s.refuse(true);
    s.record(offer_change{"u1", 2, false, 0});
    s.record(remove_change{"u2", 3, 0});
    CHECK(s.commit(put("u3")).has_error());
    s.refuse(false);
    s.record(offer_change{"u1", 2, true, 0});  // nothing to the store, which has not heard of its loss
    s.memory.present.push_back({put("u1").that, true, 2, 7, 7});
    s.memory.absent.push_back({"u2", 5});
    s.memory.absent.push_back({"u3", 6});
    s.memory.events.push_back({4, 10, event_type::lost, "A", "u1", ""});
    s.memory.events_from = 4;
    s.memory.revision = 7;
    s.log->restate();
    s.run([&] { return s.idle(); });
    CHECK(s.asked == std::set<std::string>{"u1", "u2", "u3"});
    CHECK(s.asked_from == 4);
    CHECK_FALSE(s.log->is_unsure());
    const auto kept = s.store.load();
    CHECK_FALSE(kept.in_doubt);
    REQUIRE(kept.instances.size() == 1);
    CHECK(kept.instances.front().offered);
    CHECK(kept.instances.front().revision == 7);
    REQUIRE(kept.withdrawn.size() == 1);
    CHECK(kept.withdrawn.front().revision == 5);
    CHECK(kept.events.back() == s.memory.events.back());
    CHECK(s.applied.size() == 5);  // the restatement itself is no change in memory
}

TEST_CASE("what cannot be restated stays in doubt, and is tried again") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    s.refuse(true);
    s.record(offer_change{"u1", 2, false, 0});
    s.log->restate();
    s.run([&] { return s.idle(); });
    CHECK(s.log->is_unsure());
    CHECK(s.store.load().in_doubt);
    s.refuse(false);
    s.log->restate();
    s.run([&] { return s.idle(); });
    CHECK_FALSE(s.log->is_unsure());
}

TEST_CASE("a verdict of our own is held back while the disk does not even take the mark of it") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    {
        const test::full_disk for_everything(0);
        s.log->record(offer_change{"u1", 2, false, 0});
        CHECK(s.commit(drain_change{"u1", {1700, "why"}, 0}).has_error());
        CHECK(s.applied.size() == 1);
    }
    SECTION("and applied once the disk takes it") {
        s.time.advance(seconds(1));
        s.run([&] { return s.until_applied(2); });
        CHECK_FALSE(std::get<offer_change>(s.applied.back()).offered);
        CHECK_FALSE(s.store.load().instances.front().offered);
    }
    SECTION("of one that changed its mind the latest counts") {
        s.log->record(offer_change{"u1", 2, true, 0});
        s.time.advance(seconds(1));
        s.run([&] { return s.until_applied(2); });
        CHECK(std::get<offer_change>(s.applied.back()).offered);
    }
}

TEST_CASE("no index that was shown is given again, whichever writes of the mark fail") {
    constexpr unsigned writes = 4;
    const auto drawn = GENERATE(range(0U, 1U << writes));
    const bool was_in_doubt = GENERATE(false, true);
    CAPTURE(drawn, was_in_doubt);
    picky_disk disk;
    scene s(disk);
    s.refuse(true);
    if (was_in_doubt) s.store.rollback();
    for (unsigned n = 0; n < writes; ++n) disk.refusals.push_back((drawn >> n & 1U) != 0);
    for (int i = 0; i < 4; ++i) {
        s.log->record(offer_change{"u" + std::to_string(i), 1, false, 0});
        s.run([&] { return s.turns(); });
        s.time.advance(seconds(1));  // where it is held back, what waits is taken with it now
        s.run([&] { return s.turns(); });
        s.run([&] { return s.idle(); });
    }
    std::uint64_t shown = 0;
    for (const auto& c : s.applied) shown = std::max(shown, revision_of(c));
    registry_store next(s.copy_as_left_by_a_kill());
    CHECK(next.load().ceiling >= shown);
}

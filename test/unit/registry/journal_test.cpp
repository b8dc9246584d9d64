// Changes through the journal to a real store, on a disk that may refuse.
#include "role/registry/journal.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include "base/task_group.hpp"
#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::registry;

namespace {

put_change put(const std::string& url) { return {{"A", url, {}, "", ""}, 0}; }

struct scene : test::loop_runner {
    scene() : time(loop), store(dir / "registry.db"), tasks(loop.get_executor(), time) {
        log = std::make_unique<journal>(store, loop.get_executor(), time, store.load().revision,
                                        [this](const change& c) {
                                            applied.push_back(c);
                                            return effect;
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
    // As a full disk does it: nothing can be written any more.
    void refuse(bool on) {
        store.database().run_script(on ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF");
    }

    test::temp_dir dir;
    test::fake_time time;
    registry_store store;
    std::vector<change> applied;
    directory::effect effect = directory::effect::done;
    std::unique_ptr<journal> log;
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

TEST_CASE(
    "on a disk that refuses, a verdict of our own is applied, and made durable once the disk takes it") {
    scene s;
    REQUIRE(s.commit(put("u1")).has_value());
    s.refuse(true);
    s.record(offer_change{"u1", 2, false, 0});
    CHECK(s.applied.size() == 2);
    CHECK(s.store.load().instances.front().offered);
    s.refuse(false);
    s.log->record_what_was_refused();
    s.run([&] { return s.idle(); });
    CHECK_FALSE(s.store.load().instances.front().offered);
    CHECK(s.store.load().instances.front().revision == 3);
}

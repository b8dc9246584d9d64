// The stores that SQLite keeps: what was answered is there after any kill, power cut and sickness of the
// disk, what was shown at a start stays, and what was said not to be stored is not.
#include <catch2/catch.hpp>
#include <cerrno>

#include "role/grading/command_writer.hpp"
#include "role/grading/schema.hpp"
#include "role/registry/config/config_store.hpp"
#include "role/registry/registry_store.hpp"
#include "sim/life.hpp"
#include "sim/table_history.hpp"

using namespace distd;
using namespace distd::sim::stores;

namespace {

using store = table_history::store;

std::string number(std::uint64_t n) { return std::to_string(n); }

class registry_under_test final : public store {
public:
    registry_under_test(const std::filesystem::path& file, disk& on) : store_(file, 1, on) {}
    sqlite::database& database() override { return store_.database(); }
    void load() override { revision_ = store_.load().revision; }
    std::string change(sim::chance& c) override {
        const auto url = "http://10.0.0." + number(c.below(6)) + ":1";
        const auto r = ++revision_;
        switch (c.below(7)) {
            case 0: return apply(registry::remove_change{url, 0, r, "left"}, "removal of " + url);
            case 1: return apply(registry::offer_change{url, 0, c.one_in(2), r, "lost"}, "verdict on " + url);
            case 2:
                return apply(registry::drain_change{url, {static_cast<std::int64_t>(c.below(2)), "work"}, r},
                             "drain of " + url);
            case 3: return apply(registry::settled_change{url, 0, r - 1}, "mark of " + url);
            default: break;
        }
        const registration that{
            "Service " + number(c.below(3)), url, {"A", "B"}, url + "/services", url + "/hb"};
        return apply(registry::put_change{that, r}, "registration of " + url);
    }

private:
    std::string apply(const registry::change& c, std::string what) {
        store_.apply(c);
        return what;
    }

    registry::registry_store store_;
    std::uint64_t revision_ = 0;
};

class config_under_test final : public store {
public:
    config_under_test(const std::filesystem::path& file, disk& on)
        : store_(file, {.max_bytes = 200'000, .max_versions = 4, .max_deleted = 4},
                 wall_point(seconds(1'800'000'000)), on) {}
    sqlite::database& database() override { return store_.database(); }
    void load() override { static_cast<void>(store_.load()); }
    std::string change(sim::chance& c) override {
        registry::config_change what;
        what.key = "key/" + number(c.below(8));
        what.who = "Ada";
        what.at_ms = 42;
        if (c.one_in(4)) {
            what.what = registry::config_change::action::remove;
        } else {
            what.media_type = "text/plain";
            what.value = std::make_shared<const std::string>(c.one_in(5) ? c.below(9000) : c.below(40), 'v');
        }
        const auto is = store_.perform(what).is;
        return (what.value ? "value of " : "removal of ") + what.key + ", verdict " +
               number(static_cast<int>(is));
    }

private:
    registry::config_store store_;
};

class grades_under_test final : public store {
public:
    grades_under_test(const std::filesystem::path& file, disk& on)
        : database_(file, grading::gradebook_schema(), sqlite::soundness::to_check, on), writer_(database_) {}
    sqlite::database& database() override { return database_; }
    void load() override { static_cast<void>(writer_.revision()); }
    std::string change(sim::chance& c) override {
        if (is_first_) writer_.begin();
        is_first_ = false;
        grading::origin from;
        from.at_ms = 1'800'000'000'000;
        if (c.one_in(2)) from.idempotency_key = "key " + number(c.below(20));
        from.fingerprint = from.idempotency_key;
        const auto student = static_cast<std::int64_t>(c.between(1, 5));
        grading::command what = grading::add_grade{student, {"Quiz", "Quiz", 50}};
        if (!from.idempotency_key.empty()) return run(what, from);  // a key stands for one request
        if (c.one_in(4)) what = grading::rename_student{student, "Ada", number(c.below(100))};
        if (c.one_in(6)) what = grading::add_student{"Grace", number(c.below(100))};
        if (c.one_in(6)) what = grading::remove_grade{student, static_cast<std::int64_t>(c.between(1, 30))};
        return run(what, from);
    }
    void finish() override {
        if (!is_first_) writer_.finish();
        is_first_ = true;
    }

private:
    std::string run(const grading::command& what, const grading::origin& from) {
        const auto out = writer_.perform(what, from);
        return "command " + number(what.index()) + " " + from.idempotency_key + ", verdict " +
               number(static_cast<int>(out.is));
    }

    sqlite::database database_;
    grading::command_writer writer_;
    bool is_first_ = true;
};

template <class Store>
void one_history(history& h) {
    table_history t(h, [](const std::filesystem::path& file, disk& on) -> std::unique_ptr<store> {
        return std::make_unique<Store>(file, on);
    });
    live(h, t, [&] { t.write(); });
}

}  // namespace

TEST_CASE("a write-ahead log that cannot be synced at a start says why") {
    sim::page_disk disk(1);
    REQUIRE(disk.make_directories("/data"));
    {
        config_under_test store("/data/store.db", disk);
        store.database().begin();
        sim::chance c(1);
        store.change(c);
        store.database().commit();
        disk.kill();
    }
    disk.start();
    disk.odds.sync_fails = 1;
    errno = 0;  // it may be anything by then
    CHECK_THROWS_WITH(config_under_test("/data/store.db", disk),
                      Catch::Contains("cannot sync: Input/output error"));
}

TEST_CASE("a store whose name could not be made durable is made anew by the next process") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        sim::page_disk disk(seed);
        REQUIRE(disk.make_directories("/data"));
        disk.odds.sync_fails = 2;
        try {
            const config_under_test store("/data/store.db", disk);
        } catch (const store_error&) {
            // The disk did not take the name, or the tables.
        }
        disk.odds = {};
        disk.begin_process();
        {
            config_under_test store("/data/store.db", disk);
            store.database().begin();
            sim::chance c(1);
            store.change(c);
            store.database().commit();
            disk.crash();
        }
        disk.start();
        REQUIRE(disk.exists("/data/store.db"));
        config_under_test store("/data/store.db", disk);
        auto rows = store.database().query("SELECT count(*) FROM sqlite_schema");
        CHECK(rows.next());
    }
}

TEST_CASE("histories of the registry's store", "[seeds]") {
    run_histories("histories of the registry's store", 400, &one_history<registry_under_test>);
}
TEST_CASE("histories of the registry's store whose bytes change") {
    run_histories("histories of the registry's store whose bytes change", 400,
                  &one_history<registry_under_test>, stored_bytes::change);
}

TEST_CASE("histories of the configuration", "[seeds]") {
    run_histories("histories of the configuration", 400, &one_history<config_under_test>);
}
TEST_CASE("histories of the configuration whose bytes change") {
    run_histories("histories of the configuration whose bytes change", 400, &one_history<config_under_test>,
                  stored_bytes::change);
}

TEST_CASE("histories of the grade book", "[seeds]") {
    run_histories("histories of the grade book", 400, &one_history<grades_under_test>);
}
TEST_CASE("histories of the grade book whose bytes change") {
    run_histories("histories of the grade book whose bytes change", 400, &one_history<grades_under_test>,
                  stored_bytes::change);
}

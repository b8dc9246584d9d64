// The configuration's file: who may change what, what is remembered, what is bounded.
#include "role/registry/config/config_store.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>

#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::registry;
using action = config_change::action;
using verdict = config_outcome::verdict;

namespace {

constexpr wall_point birth{seconds(1'800'000'000)};

config_change put(const std::string& key, const std::string& value) {
    config_change c;
    c.key = key;
    c.media_type = "text/plain";
    c.value = std::make_shared<const std::string>(value);
    c.who = "Ada";
    c.request_id = "r1";
    c.at_ms = 42;
    return c;
}

config_change removal(const std::string& key) {
    config_change c;
    c.what = action::remove;
    c.key = key;
    return c;
}

config_change restore(const std::string& key, std::int64_t version) {
    config_change c;
    c.what = action::restore;
    c.key = key;
    c.version = version;
    return c;
}

config_change because(std::string reason, config_change c) {
    c.reason = std::move(reason);
    return c;
}

struct scene {
    explicit scene(config_limits l = {}) : limits(l) { open(); }
    void open() {
        store.reset();
        store.emplace(dir / "config.db", limits, birth);
    }
    config_outcome perform(config_change c) { return store->perform(c); }
    std::vector<config_history_entry> history(const std::string& key) {
        return config_history(dir / "config.db", limits).of(key);
    }
    std::string value(const std::string& key) {
        const auto tree = store->load();
        const auto* e = tree.find(key);
        return e ? *e->value : "(none)";
    }

    test::temp_dir dir;
    config_limits limits;
    std::optional<config_store> store;
};

// What is written down of the bound is what is in the file.
void check_accounts(scene& s) {
    auto& db = s.store->database();
    auto past = db.query("SELECT coalesce(sum(bytes), 0), count(*) FROM past");
    REQUIRE(past.next());
    CHECK(past.integer(0) == static_cast<std::int64_t>(s.store->past_bytes()));
    auto there = db.query(
        "SELECT (SELECT count(*) FROM versions), (SELECT count(*) FROM keys WHERE is_there = 1), "
        "(SELECT count(*) FROM keys WHERE is_there = 0), (SELECT deleted FROM config)");
    REQUIRE(there.next());
    CHECK(there.integer(0) == past.integer(1) + there.integer(1));
    CHECK(there.integer(2) == there.integer(3));
}

}  // namespace

TEST_CASE("a value is kept as it came, byte for byte, with its type, over a restart") {
    scene s;
    std::string odd("\0\xff\r\n\x80 text", 10);
    CHECK(s.perform(put("a/b", odd)).is == verdict::done);
    CHECK(s.perform(put("empty", "")).is == verdict::done);
    s.open();
    CHECK(s.value("a/b") == odd);
    CHECK(s.value("empty").empty());
    const auto tree = s.store->load();
    CHECK(tree.find("a/b")->media_type == "text/plain");
    CHECK(tree.find("a/b")->version == 1);
    CHECK(tree.find("a/b")->at_ms == 42);
}

TEST_CASE("the same bytes and type again change nothing; another type is a change") {
    scene s;
    const auto first = s.perform(put("a", "x"));
    const auto again = s.perform(put("a", "x"));
    CHECK(again.is == verdict::unchanged);
    CHECK(again.now.index == first.now.index);
    CHECK(s.history("a").size() == 1);
    auto other = put("a", "x");
    other.media_type = "application/json";
    const auto typed = s.perform(other);
    CHECK(typed.is == verdict::done);
    CHECK(typed.now.version == 2);
    CHECK(typed.now.index == first.now.index + 1);
}

TEST_CASE("a change with If-Match is made to that version only, one with If-None-Match: * only to nothing") {
    scene s;
    const auto first = s.perform(put("a", "1")).now;
    const auto tag = "\"" + std::to_string(first.index) + "\"";
    auto c = put("a", "2");
    c.if_match = "\"nonsense\", " + tag;
    CHECK(s.perform(c).is == verdict::done);
    c = put("a", "3");
    c.if_match = tag;
    const auto late = s.perform(c);
    CHECK(late.is == verdict::stale);
    CHECK(late.now.index == first.index + 1);
    c.if_match = "*";
    CHECK(s.perform(c).is == verdict::done);
    c = put("a", "4");
    c.if_none_match = "*";
    CHECK(s.perform(c).is == verdict::stale);
    c.key = "new";
    CHECK(s.perform(c).is == verdict::done);
    auto gone = removal("nobody");
    gone.if_match = "*";
    CHECK(s.perform(gone).is == verdict::stale);
    CHECK(s.value("a") == "3");
}

TEST_CASE("a weak tag never holds for If-Match, and does for If-None-Match") {
    scene s;
    const auto first = s.perform(put("a", "1")).now;
    const auto weak = "\"other\", W/\"" + std::to_string(first.index) + "\"";
    auto c = put("a", "2");
    c.if_match = weak;
    CHECK(s.perform(c).is == verdict::stale);
    c.if_match.reset();
    c.if_none_match = weak;
    CHECK(s.perform(c).is == verdict::stale);
    CHECK(s.value("a") == "1");
}

TEST_CASE("a key that was deleted and made again has another ETag and goes on counting its versions") {
    scene s;
    const auto first = s.perform(put("a", "x")).now;
    const auto gone = s.perform(removal("a")).now;
    CHECK(s.perform(removal("a")).is == verdict::absent);
    const auto again = s.perform(put("a", "x"));
    CHECK(again.created);
    CHECK(again.now.version == 3);
    CHECK(gone.index > first.index);
    CHECK(again.now.index > gone.index);
}

TEST_CASE("the history says who made what of what, newest first") {
    scene s;
    s.perform(put("a", "one"));
    s.perform(put("a", std::string(5000, 'x')));
    s.perform(removal("a"));
    s.perform(because("two was wrong", restore("a", 1)));
    s.perform(put("b", "other"));
    const auto h = s.history("a");
    REQUIRE(h.size() == 4);
    CHECK(h[0].action == "restore");
    CHECK(h[0].restored == 1);
    CHECK(h[0].reason == "two was wrong");
    CHECK_FALSE(h[0].before);
    CHECK(h[0].after->value == "one");
    CHECK(h[1].action == "delete");
    CHECK(h[1].before->size == 5000);
    CHECK_FALSE(h[1].before->value);  // too long for a list
    CHECK_FALSE(h[1].after);
    CHECK(h[2].before->value == "one");
    CHECK(h[3].action == "put");
    CHECK(h[3].who == "Ada");
    CHECK(h[3].reason.empty());
    CHECK(h[3].request_id == "r1");
    CHECK(h[3].at_ms == 42);
    CHECK_FALSE(h[3].before);
    CHECK(s.history("never").empty());
    CHECK(config_history(s.dir / "config.db", s.limits).version("a", 2).value->size() == 5000);
}

TEST_CASE("an old version is restored as a new one; a deletion and what is not kept are not") {
    scene s;
    s.perform(put("a", "one"));
    s.perform(put("a", "two"));
    CHECK(s.perform(restore("a", 2)).is == verdict::unchanged);
    const auto back = s.perform(restore("a", 1));
    CHECK(back.is == verdict::done);
    CHECK(back.now.version == 3);
    CHECK(s.value("a") == "one");
    s.perform(removal("a"));
    CHECK(s.perform(restore("a", 4)).is == verdict::was_a_removal);
    CHECK(s.perform(restore("a", 9)).is == verdict::no_version);
    CHECK(s.perform(restore("b", 1)).is == verdict::no_version);
}

TEST_CASE("of each key the last versions are kept, and what the oldest of them changed") {
    scene s({.max_versions = 3});
    for (int i = 1; i <= 9; ++i) s.perform(put("a", std::to_string(i)));
    s.perform(put("b", "1"));
    const auto h = s.history("a");
    REQUIRE(h.size() == 3);
    CHECK(h[2].version == 7);
    CHECK(h[2].before->value == "6");
    CHECK(s.perform(restore("a", 5)).is == verdict::no_version);
    CHECK(s.history("b").size() == 1);
}

TEST_CASE("over its bound nothing more is stored, and what makes it smaller still is") {
    scene s({.max_bytes = 2 * (256 + 1 + 10) + 200});
    CHECK(s.perform(put("a", std::string(100, 'x'))).is == verdict::done);
    CHECK(s.perform(put("b", std::string(101, 'x'))).is == verdict::too_much);
    CHECK(s.value("b") == "(none)");
    CHECK(s.perform(put("b", std::string(100, 'x'))).is == verdict::done);
    s.open();
    CHECK(s.perform(put("c", "")).is == verdict::too_much);
    CHECK(s.perform(put("a", "less")).is == verdict::done);
    CHECK(s.perform(removal("b")).is == verdict::done);
    CHECK(s.perform(put("c", "")).is == verdict::done);
}

TEST_CASE("the reason of a change counts like its value, as long as its version is kept") {
    scene s({.max_bytes = 256 + 1 + 10 + 100});
    CHECK(s.perform(because(std::string(101, 'r'), put("a", ""))).is == verdict::too_much);
    CHECK(s.perform(because(std::string(100, 'r'), put("a", ""))).is == verdict::done);
    CHECK(s.store->load().bytes() == 256 + 1 + 10 + 100);
    CHECK(s.perform(put("a", "x")).is == verdict::done);
    CHECK(s.store->load().bytes() == 256 + 1 + 10 + 1);
    CHECK(s.store->past_bytes() == 0);  // the version with the reason went
    check_accounts(s);
}

namespace {

// The tables as they were before changes had reasons.
const sqlite::migrations schema_without_reasons{
    R"(CREATE TABLE versions (
         key TEXT NOT NULL,
         version INTEGER NOT NULL,
         idx INTEGER NOT NULL,
         at_ms INTEGER NOT NULL,
         who TEXT NOT NULL,
         request_id TEXT NOT NULL,
         action TEXT NOT NULL,
         restored INTEGER,
         media_type TEXT,
         value BLOB,
         PRIMARY KEY (key, version)) STRICT;
       CREATE TABLE keys (
         key TEXT PRIMARY KEY,
         version INTEGER NOT NULL,
         idx INTEGER NOT NULL,
         is_there INTEGER NOT NULL) STRICT, WITHOUT ROWID;
       CREATE INDEX deleted_keys ON keys (idx) WHERE is_there = 0;
       CREATE TABLE config (
         idx INTEGER NOT NULL,
         forgotten INTEGER NOT NULL,
         bytes INTEGER NOT NULL,
         deleted INTEGER NOT NULL) STRICT;
       INSERT INTO config VALUES (9, 5, 263, 0);
       INSERT INTO versions VALUES ('a', 1, 8, 42, 'Ada', 'r1', 'put', NULL, 't', CAST('old' AS BLOB)),
                                   ('a', 2, 9, 43, 'Ben', 'r2', 'put', NULL, 't', CAST('newer' AS BLOB));
       INSERT INTO keys VALUES ('a', 2, 9, 1))",
    config_retention::migration};

}  // namespace

TEST_CASE("a file from before changes had reasons is opened, and goes on with them") {
    scene s;
    s.store.reset();
    std::filesystem::remove(s.dir / "config.db");
    { const sqlite::database old(s.dir / "config.db", schema_without_reasons); }
    s.open();
    CHECK(s.value("a") == "newer");
    check_accounts(s);
    CHECK(s.perform(because("two was wrong", restore("a", 1))).is == verdict::done);
    const auto h = s.history("a");
    REQUIRE(h.size() == 3);
    CHECK(h[0].reason == "two was wrong");
    CHECK(h[1].reason.empty());
    CHECK(h[2].who == "Ada");
    CHECK(s.value("a") == "old");
    check_accounts(s);
}

TEST_CASE("a full disk is distinguished from other failures, and leaves the file as it was") {
    scene s;
    const auto first = s.perform(put("a", "before")).now;
    s.store->database().run_script("PRAGMA max_page_count = 12");  // what SQLite makes of ENOSPC
    s.store->database().begin();
    const auto failure = [&] {
        try {
            s.perform(put("a", std::string(256 << 10, 'x')));
        } catch (const store_error& e) {
            return e.code();
        }
        return errc::not_found;
    };
    CHECK(failure() == errc::storage_full);
    s.store->database().rollback();
    CHECK(s.value("a") == "before");
    s.store->database().run_script("PRAGMA max_page_count = 100000");
    const auto next = s.perform(put("a", std::string(256 << 10, 'x'))).now;
    CHECK(next.version == 2);
    CHECK(next.index == first.index + 1);
}

TEST_CASE("of too many deleted keys the oldest are forgotten with their history, and no index turns back") {
    scene s({.max_deleted = 10});
    s.perform(put("stays", "x"));
    config_tree seen = s.store->load();
    for (int i = 0; i < 50; ++i) {
        const auto key = "dir/" + std::to_string(i);
        seen.put(s.perform(put(key, "x")).now);
        const auto gone = s.perform(removal(key));
        seen.put(gone.now);
        if (gone.forgotten_up_to) seen.forget(gone.forgotten_up_to);
    }
    CHECK(s.history("dir/0").empty());
    CHECK(s.history("dir/49").size() == 2);
    CHECK(s.perform(restore("dir/49", 1)).is == verdict::done);
    s.open();
    const auto loaded = s.store->load();
    for (const char* path : {"stays", "dir/0", "dir/30", "dir/", "", "never"}) {
        INFO(path);
        CHECK(loaded.index_of(path) >= seen.index_of(path));
    }
    CHECK(loaded.keys() == 2);
}

TEST_CASE("the index goes on over restarts, and begins above all before when the data was lost") {
    scene s;
    const auto first = s.perform(put("a", "x")).now.index;
    CHECK(first > 1'800'000'000'000U);
    s.open();
    CHECK(s.perform(put("b", "x")).now.index > first);
    config_store other(s.dir / "other.db", {}, birth + std::chrono::minutes(1));
    CHECK(other.load().index_of("") > first + 1);
    config_store without_a_clock(s.dir / "third.db", {}, wall_point{});
    CHECK(without_a_clock.load().index_of("") == 1);
}

TEST_CASE(
    "no index is given twice where the file is lost, or an older one is put there, and the clock is back") {
    scene s;
    const auto file = s.dir / "config.db";
    REQUIRE(s.perform(put("a", "x")).is == verdict::done);
    s.store.reset();
    const bool is_lost = GENERATE(true, false);
    std::filesystem::copy_file(file, s.dir / "older.db");
    s.open();
    CHECK_FALSE(s.store->has_lost_data());
    std::uint64_t last = 0;
    for (int i = 0; i < 3; ++i) last = s.perform(put("a", "x" + std::to_string(i))).now.index;
    s.store.reset();
    std::filesystem::remove(file);
    if (!is_lost) std::filesystem::copy_file(s.dir / "older.db", file);
    s.store.emplace(file, s.limits, birth - std::chrono::hours(1));
    CHECK(s.store->has_lost_data() == is_lost);
    CHECK(s.store->load().index_of("") != last);
    CHECK(s.perform(put("a", "other")).now.index > last);
}

TEST_CASE("an index is in no answer before a ceiling above it is durable, and the next ones need none") {
    scene s;
    const auto ceiling = [&] { return store_mark(s.dir / "config.mark").ceiling(); };
    const auto first = s.perform(put("a", "x")).now.index;
    const auto then = ceiling();
    CHECK(then >= first);
    for (int i = 0; i < 20; ++i) CHECK(s.perform(put("a", std::to_string(i))).now.index <= then);
    CHECK(ceiling() == then);
}

TEST_CASE("a mark of the configuration that makes no sense is said, and numbered on from the clock") {
    scene s;
    const auto last = s.perform(put("a", "x")).now.index;
    s.store.reset();
    std::ofstream(s.dir / "config.mark", std::ios::trunc) << "nonsense";
    s.open();
    CHECK(s.store->has_lost_mark());
    CHECK(s.perform(put("a", "y")).now.index > last);
    s.open();
    CHECK_FALSE(s.store->has_lost_mark());
}

TEST_CASE("under random changes the file holds what a plain map holds, also after restarts") {
    const auto seed = GENERATE(range(1U, 6U));
    std::mt19937 random(seed);
    scene s({.max_versions = 4, .max_deleted = 6});
    std::map<std::string, std::string> model;
    std::uint64_t last = s.store->load().index_of("");
    for (int step = 0; step < 400; ++step) {
        const auto key = "k" + std::to_string(random() % 20) + (random() % 3 ? "" : "/sub");
        if (random() % 40 == 0) s.open();
        config_outcome out;
        if (random() % 3 == 0) {
            out = s.perform(removal(key));
            CHECK((out.is == verdict::done) == (model.erase(key) == 1));
        } else {
            const auto value = std::to_string(random() % 3);
            out = s.perform(put(key, value));
            const auto was = model.find(key);
            CHECK((out.is == verdict::unchanged) == (was != model.end() && was->second == value));
            model[key] = value;
        }
        if (out.is != verdict::done) continue;
        REQUIRE(out.now.index > last);
        last = out.now.index;
    }
    const auto tree = s.store->load();
    CHECK(tree.keys() == model.size());
    for (const auto& [key, value] : model) CHECK(s.value(key) == value);
    auto state = s.store->database().query("SELECT bytes, deleted FROM config");
    REQUIRE(state.next());
    CHECK(state.integer(0) == static_cast<std::int64_t>(tree.bytes()));
    CHECK(state.integer(1) <= 6);
    check_accounts(s);
}

TEST_CASE("values, old versions and deletions are together within the bound, whatever is changed") {
    const auto seed = GENERATE(range(1U, 4U));
    std::mt19937 random(seed);
    scene s({.max_bytes = 20'000, .max_versions = 50});
    for (int step = 0; step < 600; ++step) {
        const auto key = "k" + std::to_string(random() % 12);
        if (random() % 50 == 0) s.open();
        const auto c = random() % 4 == 0 ? removal(key) : put(key, std::string(random() % 2000, 'x'));
        const auto out = s.perform(because(std::string(random() % 3 == 0 ? random() % 1024 : 0, 'r'), c));
        CHECK(out.is != verdict::stale);
        CHECK(s.store->load().bytes() + s.store->past_bytes() <= 20'000);
    }
    check_accounts(s);
}

TEST_CASE("the files stay within a few times the bound, however much is written") {
    scene s({.max_bytes = 1 << 20});
    for (int i = 0; i < 300; ++i) {
        auto& db = s.store->database();
        db.begin();
        CHECK(s.perform(put("k" + std::to_string(i % 7), std::to_string(i) + std::string(100'000, 'x'))).is ==
              verdict::done);
        db.commit();
    }
    CHECK(std::filesystem::file_size(s.dir / "config.db") < 4 << 20);
    CHECK(std::filesystem::file_size(s.dir / "config.db-wal") < 12 << 20);
}

TEST_CASE("over the bound the oldest version goes first, and no value is refused for the sake of old ones") {
    scene s({.max_bytes = 10 * (256 + 1 + 10 + 3 + 100)});
    for (int i = 1; i <= 30; ++i) {
        const auto key = i % 2 ? "a" : "b";
        CHECK(s.perform(put(key, std::to_string(i) + std::string(98, 'x'))).is == verdict::done);
    }
    const auto of_a = s.history("a");
    const auto of_b = s.history("b");
    CHECK(of_a.size() + of_b.size() >= 9);
    CHECK(of_a.size() <= 5);
    CHECK(of_b.size() <= 5);
    CHECK(of_a.front().version == 15);
}

TEST_CASE("deleted keys count and go with the oldest, and no index turns back by it") {
    scene s({.max_bytes = 6'000});
    s.perform(put("stays", "x"));
    config_tree seen = s.store->load();
    for (int i = 0; i < 60; ++i) {
        const auto key = "dir/" + std::to_string(i);
        seen.put(s.perform(put(key, std::string(300, 'x'))).now);
        const auto gone = s.perform(removal(key));
        seen.put(gone.now);
        if (gone.forgotten_up_to) seen.forget(gone.forgotten_up_to);
    }
    CHECK(s.history("dir/0").empty());
    CHECK_FALSE(s.history("dir/59").empty());
    CHECK(s.value("stays") == "x");
    s.open();
    const auto loaded = s.store->load();
    for (const char* path : {"stays", "dir/0", "dir/30", "dir/59", "dir/", "", "never"}) {
        INFO(path);
        CHECK(loaded.index_of(path) >= seen.index_of(path));
    }
    check_accounts(s);
}

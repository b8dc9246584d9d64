#include "sim/table_history.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/life.hpp"
#include "store/posix_file.hpp"

namespace distd::sim::stores {
namespace {

constexpr const char* folder = "/data";
const std::filesystem::path file = "/data/store.db";
const std::filesystem::path log_file = "/data/store.db-wal";
const std::string nothing;  // before the first commits, which make the tables

// The first line in which two texts differ.
std::string difference(const std::string& expected, const std::string& found) {
    std::size_t at = 0;
    while (at < expected.size() && at < found.size() && expected[at] == found[at]) ++at;
    const auto line_of = [at](const std::string& text) {
        const auto end = std::min(at, text.size());
        const auto start = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;
        return text.substr(start, text.find('\n', start) - start);
    };
    return "expected \"" + line_of(expected) + "\", found \"" + line_of(found) + "\"";
}

}  // namespace

std::string all_tables(sqlite::database& db) {
    std::vector<std::pair<std::string, std::string>> queries;
    for (auto row = db.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
         row.next();)
        queries.emplace_back(row.text(0), "");
    for (auto& [table, sql] : queries) {
        for (auto row = db.query("SELECT name FROM pragma_table_info(?)", table); row.next();)
            sql += (sql.empty() ? "" : " || ',' || ") + ("quote(\"" + std::string(row.text(0)) + "\")");
        sql = "SELECT " + sql + " FROM \"" + table + "\"";
    }
    std::string all;
    for (const auto& [table, sql] : queries)
        for (auto row = db.query(sql); row.next();) all += table + ": " + std::string(row.text(0)) + "\n";
    return all;
}

// Between the queue and the store: looks at the tables right before each commit.
class table_history::target final : public commit_target {
public:
    explicit target(store& s) : store_(s) {}
    void begin() override {
        would_be.clear();
        store_.database().begin();
    }
    void commit() override {
        store_.finish();
        would_be = all_tables(store_.database());
        store_.database().commit();
    }
    void rollback() noexcept override { store_.database().rollback(); }

    std::string would_be;

private:
    store& store_;
};

table_history::table_history(history& h, opener o) : h_(h), open_(std::move(o)) {}

table_history::~table_history() = default;

void table_history::open() {
    make_directories(h_.disk, folder);
    // A start reads its write-ahead log twice, once to check it and once as SQLite. What is right the first
    // time and wrong a moment later it does not notice.
    h_.disk.rots_when_read = false;
    store_ = open_(file, h_.disk);
    h_.disk.rots_when_read = true;
    store_->database().copy_log_after(static_cast<int>(h_.draws.between(5, 200)));
    store_->load();
    target_ = std::make_unique<target>(*store_);
    queue_ = std::make_unique<commit_queue>("writer", *target_, h_.loop.get_executor());
    look_after_start();
    h_.note("opened");
}

void table_history::close() {
    h_.disk.rots_when_read = true;
    queue_.reset();
    if (target_ && !target_->would_be.empty()) doubtful_.insert(std::exchange(target_->would_be, {}));
    target_.reset();
    store_.reset();
    is_log_changed_ = is_log_changed_ || h_.disk.has_written_over_rot(log_file);
}

void table_history::write() {
    std::string said;
    const auto jobs = h_.draws.one_in(3) ? h_.draws.between(2, 4) : 1;
    bool is_told = false;
    for (std::uint64_t i = 0; i < jobs; ++i) {
        auto job = [this, &said]() -> result<> {
            said += (said.empty() ? "" : ", ") + store_->change(h_.draws);
            return {};
        };
        queue_->submit(std::move(job), 0, [this, &said, &is_told](const result<>& r) {
            if (!h_.is_alive() || std::exchange(is_told, true)) return;
            answered(said, r);
        });
    }
    h_.settle();
    if (h_.is_alive()) look();
}

void table_history::answered(const std::string& what, const result<>& r) {
    const auto tables = std::exchange(target_->would_be, {});
    if (r) {
        h_.note("stored: " + what);
        ++commits_;
        if (tables != acknowledged_) keep_as_before(acknowledged_);  // what was repeated is no commit
        acknowledged_ = tables;
        doubtful_.clear();
        refused_.clear();
        return;
    }
    const bool is_refused = says_that_nothing_was_stored(r.error());
    h_.note((is_refused ? "refused, nothing was stored: " : "failed: ") + what + ", " + r.error().message());
    if (!tables.empty()) (is_refused ? refused_ : doubtful_).insert(tables);
}

// On a disk that for once gives back what it has: the model must know what is there.
std::string table_history::read_tables() {
    const sim::without_faults without(h_.disk);
    auto there = all_tables(store_->database());
    if (!h_.is_alive()) throw store_error(errc::storage_failed, "it died while it was read");
    return there;
}

void table_history::look() {
    std::string found;
    try {
        found = read_tables();
    } catch (const store_error& e) {
        if (!h_.is_alive()) throw;
        h_.promise(h_.disk.is_rotten() && h_.names_what_rotted(e.what()), e.what());
        return h_.note(std::string("it cannot be read: ") + e.what());
    }
    h_.promise(found == acknowledged_, "what was there is not: " + difference(acknowledged_, found));
}

void table_history::look_after_start() {
    const auto found = read_tables();
    const bool is_first = !std::exchange(has_any_, true);
    if (is_first) keep_as_before(nothing);
    const bool is_known = is_first || found == acknowledged_ || doubtful_.contains(found);
    if (is_known && found != acknowledged_ && !is_first) {
        h_.note("what nobody had an answer for is there");
        keep_as_before(acknowledged_);
    }
    if (!is_known && may_be_cut(found)) {
        h_.note("its last commits were cut off as torn");
    } else if (!is_known) {
        h_.promise(!refused_.contains(found), "it was said that nothing was stored, and it is there: " +
                                                  difference(acknowledged_, found));
        h_.promise(false, "what was there is not: " + difference(acknowledged_, found));
    }
    acknowledged_ = found;
    doubtful_.clear();
    refused_.clear();
    is_log_changed_ = false;
    h_.disk.accept_rot(log_file);
}

// The last commits of a write-ahead log that the disk has changed cannot be told from torn ones.
bool table_history::may_be_cut(const std::string& tables) {
    if (!is_log_changed_ && !h_.disk.is_rotten(log_file)) return false;
    const auto is_one_of = [&](const auto& what) {
        return std::ranges::find(before_, what) != before_.end();
    };
    return is_one_of(tables) || is_one_of(nothing);  // what a new one begins with is drawn
}

void table_history::keep_as_before(const std::string& tables) {
    constexpr std::size_t max_cut = 3;
    before_.push_back(tables);
    if (before_.size() > max_cut) before_.pop_front();
}

void table_history::must_work() {
    for (int tries = 0; tries < 3; ++tries) {
        const auto before = commits_;
        write();
        if (commits_ > before) return;
        close();
        open();
    }
    h_.promise(false, "the disk is well, and nothing can be stored");
}

}  // namespace distd::sim::stores

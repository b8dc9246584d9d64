#include "sim/table_history.hpp"

#include <utility>
#include <vector>

#include "sim/life.hpp"
#include "store/posix_file.hpp"

namespace distd::sim::stores {
namespace {

constexpr const char* folder = "/data";
const std::filesystem::path file = "/data/store.db";

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
    store_ = open_(file, h_.disk);
    store_->database().copy_log_after(static_cast<int>(h_.draws.between(5, 200)));
    store_->load();
    target_ = std::make_unique<target>(*store_);
    queue_ = std::make_unique<commit_queue>("writer", *target_, h_.loop.get_executor());
    look(true);
    h_.note("opened");
}

void table_history::close() {
    queue_.reset();
    if (target_ && !target_->would_be.empty()) doubtful_.insert(std::exchange(target_->would_be, {}));
    target_.reset();
    store_.reset();
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
    if (h_.is_alive()) look(false);
}

void table_history::answered(const std::string& what, const result<>& r) {
    const auto tables = std::exchange(target_->would_be, {});
    if (r) {
        h_.note("stored: " + what);
        ++commits_;
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
    const auto odds = std::exchange(h_.disk.odds, {});
    const auto there = all_tables(store_->database());
    h_.disk.odds = odds;
    return there;
}

void table_history::look(bool is_start) {
    const auto found = read_tables();
    if (!h_.is_alive()) throw store_error(errc::storage_failed, "it died while it was read");
    const bool is_first = !std::exchange(has_any_, true);
    if (found == acknowledged_ || is_first || (is_start && doubtful_.contains(found))) {
        if (is_start && found != acknowledged_ && !is_first)
            h_.note("what nobody had an answer for is there");
        acknowledged_ = found;
        if (is_start) doubtful_.clear();
        if (is_start) refused_.clear();
        return;
    }
    h_.promise(!refused_.contains(found),
               "it was said that nothing was stored, and it is there: " + difference(acknowledged_, found));
    h_.promise(false, "what was there is not: " + difference(acknowledged_, found));
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

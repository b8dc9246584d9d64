#include "store/sqlite/sqlite.hpp"

#include <sqlite3.h>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/assert.hpp"
#include "base/disk_wait.hpp"
#include "store/posix_file.hpp"
#include "store/sqlite/log_check.hpp"
#include "store/sqlite/wal_recovery.hpp"

namespace distd::sqlite {
namespace {

constexpr int busy_wait_ms = 5000;

bool is_no_room(int error_number) noexcept {
    return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

errc code_of(int sqlite_code, int error_number) noexcept {
    switch (sqlite_code & 0xff) {
        case SQLITE_FULL: return errc::storage_full;
        case SQLITE_CONSTRAINT: return errc::conflict;
        case SQLITE_IOERR: return is_no_room(error_number) ? errc::storage_full : errc::storage_failed;
        default: return errc::storage_failed;
    }
}

// SQLite counts all memory of the process under one lock, for statistics that are not used: 3 % of a
// small write.
void count_no_memory() {
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // before SQLite is first used
    static_cast<void>(once);
}

const char* vfs_of(disk& on) {
    count_no_memory();
    return on.sqlite_vfs();
}

// Whether the commit may be on the disk after this failure. A write that was refused has left no commit
// record; after a failed sync it is unknown.
bool may_be_there(int sqlite_code, int error_number) noexcept {
    if ((sqlite_code & 0xff) != SQLITE_IOERR) return false;
    const bool was_refused = is_no_room(error_number) || error_number == EROFS;
    return sqlite_code != SQLITE_IOERR_WRITE || !was_refused;
}

bool is_damage(int code) noexcept {
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB || code == SQLITE_IOERR_DATA;
}

}  // namespace

// --- cursor

cursor::cursor(database& db, std::string_view sql)
    : database_(&db), kept_(db.place_of(sql)), statement_(db.take(*kept_)) {}

cursor::cursor(cursor&& other) noexcept
    : database_(other.database_),
      kept_(other.kept_),
      statement_(std::exchange(other.statement_, nullptr)),
      values_stay_(other.values_stay_) {}

cursor::~cursor() {
    if (statement_) database::give_back(*kept_, statement_);
}

bool cursor::next() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw database_->error(code, kept_->first);
}

std::int64_t cursor::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double cursor::real(int column) const { return sqlite3_column_double(statement_, column); }
bool cursor::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string_view cursor::bytes(int column) const {
    const auto* first = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (!first) return {};
    return {first, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view cursor::text(int column) const {
    const auto* first = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!first) return {};
    return {first, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void cursor::bind(int place, std::int64_t v) {
    check(sqlite3_bind_int64(statement_, place, v), "bind a number");
}
void cursor::bind(int place, double v) { check(sqlite3_bind_double(statement_, place, v), "bind a number"); }
void cursor::bind_null(int place) { check(sqlite3_bind_null(statement_, place), "bind null"); }

void cursor::bind(int place, std::string_view v) {
    // A null pointer would be bound as NULL: an empty text needs an address.
    const char* first = v.data() ? v.data() : "";
    const auto size = static_cast<sqlite3_uint64>(v.size());
    const auto kept = values_stay_ ? SQLITE_STATIC : SQLITE_TRANSIENT;
    check(sqlite3_bind_text64(statement_, place, first, size, kept, SQLITE_UTF8), "bind a text");
}

// Not copied: a large value is read from where it lies.
void cursor::bind(int place, blob v) {
    const char* first = v.bytes.data() ? v.bytes.data() : "";
    check(sqlite3_bind_blob64(statement_, place, first, v.bytes.size(), SQLITE_STATIC), "bind bytes");
}

void cursor::expect_places(std::size_t count) const {
    DISTD_ASSERT(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)) == count);
}

void cursor::check(int code, const char* step) const {
    if (code != SQLITE_OK) throw database_->error(code, step);
}

// --- opening

database::database(std::filesystem::path file, const migrations& steps, soundness state, disk& on)
    : file_(std::move(file)), checksums_(vfs_of(on)) {
    try {
        open(on, state);
        if (state == soundness::to_check) expect_sound();
        const auto version = expect_known_version(steps.size());
        configure();
        migrate(steps, version);
    } catch (...) {
        close_without_copying();
        throw;
    }
}

database::~database() {
    // Copies the log for the last time, and removes it.
    log_.may_be_copied() ? close() : close_without_copying();
}

void database::open(disk& on, soundness state) {
    auto wal = file_;
    wal += "-wal";
    const bool existed = on.exists(file_);
    // SQLite would delete such a log, and with it the last commits of a store whose main file was lost.
    if (!existed && on.exists(wal))
        throw damaged("the file is missing, but its write-ahead log " + wal.string() + " is there");

    // SQLite gives its side files the mode of the main file, so the mode is set here, before it opens
    // anything. An empty file is one whose maker could not make its name durable, or died before it tried.
    const auto found = on.look_at(file_);
    const bool is_empty = found && found->size == 0 && !on.exists(wal);
    if (!existed || is_empty) {
        if (is_empty) remove_file(on, file_);
        posix_file(on, file_, posix_file::mode::create_new);
        sync_directory(on, file_.has_parent_path() ? file_.parent_path() : ".");
    }

    connect(on);
    if (state == soundness::known || !on.exists(wal)) return;
    execute("BEGIN IMMEDIATE");
    if (const auto damage = make_log_durable(handle_, file_); !damage.empty()) throw damaged(damage);
    // Read again: between SQLite's first look and the writing the system may have dropped a page that the
    // disk had not taken.
    close_without_copying();
    connect(on);
}

void database::connect(disk& on) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file_.c_str(), &handle_, flags, checksums_.name());
    if (code != SQLITE_OK) throw error(code, "open");
    if (const auto found = on.look_at(file_); found && found->size == 0)
        page_checksums::ask_for_room(handle_);
    sqlite3_busy_timeout(handle_, busy_wait_ms);
}

void database::configure() {
    run_script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    // On a file system without shared memory SQLite keeps the old mode and says so only here.
    auto mode = query("PRAGMA journal_mode");
    if (!mode.next() || mode.text(0) != "wal")
        throw store_error(errc::storage_failed,
                          file_.string() + ": this file system cannot hold a write-ahead log");
    auto page = query("PRAGMA page_size");
    if (!page.next()) throw damaged("it tells no size of its pages");
    log_.attach(handle_, page.integer(0));
    limit_log();
}

void database::limit_log() { run_script("PRAGMA journal_size_limit = " + std::to_string(log_.max_bytes())); }

void database::expect_sound() {
    auto findings = query("PRAGMA quick_check(1)");
    if (findings.next() && findings.text(0) != "ok") throw damaged(findings.text(0));
}

// Reads only: a file that is not ours must stay as it is.
std::size_t database::expect_known_version(std::size_t known) {
    auto row =
        query("SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)");
    if (!row.next()) throw damaged("it tells no version");
    const auto version = row.integer(0);
    if (version == 0 && row.integer(1) > 0)
        throw store_error(errc::storage_failed,
                          file_.string() +
                              ": holds tables of some other program. Nothing was "
                              "changed; choose another --data-dir or move the file away");
    if (version < 0 || static_cast<std::size_t>(version) > known)
        throw store_error(
            errc::storage_failed,
            file_.string() + ": was written by a newer version (schema " + std::to_string(version) +
                ", this one knows up to " + std::to_string(known) +
                "). Nothing was changed; use that version, or a backup from before the upgrade");
    return static_cast<std::size_t>(version);
}

void database::migrate(const migrations& steps, std::size_t version) {
    was_new_ = version == 0;
    version_ = static_cast<std::int64_t>(steps.size());
    if (version == steps.size()) return;
    begin();
    for (auto i = version; i < steps.size(); ++i) run_script(steps[i]);
    run_script("PRAGMA user_version = " + std::to_string(steps.size()));
    commit();
}

void database::close_without_copying() noexcept {
    if (handle_) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    close();
}

void database::close() noexcept {
    for (auto& [sql, statement] : idle_) sqlite3_finalize(statement);
    idle_.clear();
    const disk_wait waiting(file_);  // the last one that closes a database copies its log, and syncs
    sqlite3_close(handle_);
    handle_ = nullptr;
}

// --- running

void database::copy_log_after(int pages) {
    log_.copy_after(pages);
    limit_log();
}

void database::run_script(std::string_view sql) {
    const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw error(code, sql);
}

statements::value_type* database::place_of(std::string_view sql) {
    auto it = idle_.find(sql);
    if (it == idle_.end()) it = idle_.emplace(std::string(sql), nullptr).first;
    return &*it;  // stays where it is
}

sqlite3_stmt* database::take(statements::value_type& kept) {
    if (kept.second) return std::exchange(kept.second, nullptr);
    const auto& sql = kept.first;
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) throw error(code, sql);
    return made;
}

// What is bound stays, unread: every run binds all values anew.
void database::give_back(statements::value_type& kept, sqlite3_stmt* statement) noexcept {
    sqlite3_reset(statement);
    // Taken twice at a time: the second one is not kept.
    if (kept.second)
        sqlite3_finalize(statement);
    else
        kept.second = statement;
}

std::int64_t database::changes() const { return sqlite3_changes64(handle_); }
std::int64_t database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }

void database::begin() {
    if (!doubt_.empty() && !overwrite_failed_commit())
        throw store_error(errc::storage_failed, "nothing is written until this is settled: " + doubt_);
    {
        const disk_wait waiting(file_);  // what an earlier commit could not copy may be copied now
        if (const auto reason = log_.refusal(); !reason.empty())
            throw store_error(errc::storage_failed, file_.string() + ": " + reason);
    }
    execute("BEGIN IMMEDIATE");
    log_.make_room();
}

void database::commit() {
    const auto failed = try_commit();
    if (!failed) return;
    rollback();
    if (failed->is_known) throw failed->why;
    doubt_ = failed->why.what();
    if (!overwrite_failed_commit()) throw store_error(errc::outcome_unknown, doubt_);
    throw failed->why;
}

std::optional<database::failed_commit> database::try_commit() {
    const disk_wait waiting(file_);
    const cursor one(*this, "COMMIT");
    const int code = sqlite3_step(one.statement_);
    if (code == SQLITE_DONE) return std::nullopt;
    const int number = log_.error_number();  // SQLite itself keeps none of a commit
    return failed_commit{error(code, "COMMIT", number), !may_be_there(code, number)};
}

// The pages of a commit whose sync failed are in the log, as this process and the next one see it; whether
// they are on the disk is unknown. The next commit overwrites them, and breaks the chain of checksums behind
// it. One that changes nothing is enough.
bool database::overwrite_failed_commit() noexcept {
    const disk_wait waiting(file_);
    try {
        execute("BEGIN IMMEDIATE");
        run_script("PRAGMA user_version = " + std::to_string(version_));
        execute("COMMIT");
        doubt_.clear();
        return true;
    } catch (const store_error&) {
        rollback();
        return false;
    }
}

std::string database::take_warning() {
    auto warning = log_.take_warning();
    return warning.empty() ? warning : file_.string() + ": " + warning;
}

void database::rollback() noexcept {
    // Some failures have rolled back by themselves already.
    if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

// --- errors

store_error database::error(int code, std::string_view step) const {
    return error(code, step, handle_ ? sqlite3_system_errno(handle_) : 0);
}

store_error database::error(int code, std::string_view step, int error_number) const {
    if (code == SQLITE_IOERR_DATA) return damaged("a page is not as it was written");
    if (code == log_check::is_damaged)
        return damaged("a page of its write-ahead log is not as it was written");
    if (is_damage(code)) return damaged(sqlite3_errmsg(handle_));
    std::string what = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    if (error_number != 0) what += ", " + std::system_category().message(error_number);
    return {code_of(code, error_number), file_.string() + ": " + what + " (" + std::string(step) + ")"};
}

store_error database::damaged(std::string_view finding) const {
    return {errc::storage_failed,
            file_.string() + " is damaged: " + std::string(finding) +
                ". It was left as it is. Keep a copy of it and of "
                "its -wal file, then put a backup in its place, or save what can be read with "
                "`sqlite3 DAMAGED .recover | sqlite3 RECOVERED`, and start again"};
}

// --- savepoint

savepoint::savepoint(database& db) : database_(db) { database_.execute("SAVEPOINT job"); }

savepoint::~savepoint() {
    if (kept_) return;
    try {
        database_.execute("ROLLBACK TO job");
        database_.execute("RELEASE job");
    } catch (const store_error&) {
        // The transaction is gone, and the savepoint with it.
    }
}

void savepoint::keep() {
    database_.execute("RELEASE job");
    kept_ = true;
}

}  // namespace distd::sqlite

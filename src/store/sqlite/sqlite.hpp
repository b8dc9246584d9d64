// SQLite behind a small wrapper: a database that is opened safely, statements prepared once, values bound and
// read by type. Everything blocks and throws store_error: open it at the start, then use it on a
// commit_queue's thread only.
//
// Everything that is read is on the disk, whatever crashed before or failed since: a write-ahead log that a
// crash left is written again and synced before anything of it is read. A commit whose sync failed is
// overwritten by another one, as no later sync would show whether it is there; where that fails, too, its
// outcome is unknown, and the store takes nothing until it succeeds. Pages have checksums: what a disk
// changed by itself is an error that names the file.
//
//     sqlite::database db(path, {"CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"});
//     db.execute("INSERT INTO pets (name) VALUES (?)", "Rex");
//     auto rows = db.query("SELECT id, name FROM pets");
//     while (rows.next()) use(rows.integer(0), rows.text(1));
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/disk.hpp"
#include "store/commit_queue.hpp"
#include "store/sqlite/page_checksums.hpp"
#include "store/sqlite/sqlite_wal.hpp"
#include "store/store_error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace distd::sqlite {

class database;

struct text_hash {
    using is_transparent = void;
    // A statement is long, and run often: its end and its length tell it from nearly all others.
    std::size_t operator()(std::string_view text) const noexcept {
        constexpr std::size_t end = 16;
        const auto last = text.substr(text.size() - std::min(text.size(), end));
        return std::hash<std::string_view>()(last) + text.size();
    }
};
// By their texts; null: in use.
using statements = std::unordered_map<std::string, sqlite3_stmt*, text_hash, std::equal_to<>>;

// Bytes for a BLOB column; they outlive the run of the statement they are bound to.
struct blob {
    std::string_view bytes;
};

// One run of a statement. While it lives the statement is not given out again; then it returns to the
// database's cache.
class cursor {
public:
    ~cursor();
    cursor(cursor&&) noexcept;
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    [[nodiscard]] bool next();  // false: no further row

    // Columns of the current row, from 0. A text holds until the next call of `next`.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::string_view bytes(int column) const;  // of a BLOB; holds as long as a text
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class database;
    cursor(database& db, std::string_view sql);

    void bind(int place, std::int64_t);
    void bind(int place, double);
    void bind(int place, std::string_view);
    void bind(int place, blob);
    void bind_null(int place);

    void bind_any(int place, std::nullptr_t) { bind_null(place); }
    void bind_any(int place, std::string_view v) { bind(place, v); }
    void bind_any(int place, blob v) { bind(place, v); }
    template <std::integral T>
    void bind_any(int place, T v) {
        bind(place, static_cast<std::int64_t>(v));
    }
    template <std::floating_point T>
    void bind_any(int place, T v) {
        bind(place, static_cast<double>(v));
    }
    template <class T>
    void bind_any(int place, const std::optional<T>& v) {
        v ? bind_any(place, *v) : bind_null(place);
    }

    template <class... Values>
    void bind_all(const Values&... values) {
        expect_places(sizeof...(values));
        int place = 0;
        (bind_any(++place, values), ...);
    }
    void expect_places(std::size_t) const;
    void check(int code, const char* step) const;

    database* database_;
    statements::value_type* kept_;  // the statement's place in the cache
    sqlite3_stmt* statement_;
    bool values_stay_ = false;  // they live as long as this: a text need not be copied
};

// Which place a file has in the life of the program that wrote it: migration i brings version i to i + 1.
// Never edit a migration that was released; append one.
using migrations = std::vector<std::string_view>;

// A file is read through once to see that it is sound; a further connection of the same process can spare it.
enum class soundness : std::uint8_t { to_check, known };

class database final : public commit_target {
public:
    // Makes the file (mode 0600) when there is none, sets WAL, synchronous=FULL and foreign keys, checks that
    // the file is sound and applies the migrations that are missing, all or none. A file that is damaged,
    // foreign or of a newer version is left as it is, and the error says what to do.
    database(std::filesystem::path file, const migrations&, soundness = soundness::to_check,
             disk& = real_disk());
    ~database() override;
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // Values take the place of the `?` in `sql`, in order. Statements are prepared once per text.
    template <class... Values>
    [[nodiscard]] cursor query(std::string_view sql, const Values&... values) {
        cursor c(*this, sql);
        c.bind_all(values...);
        return c;
    }
    // Runs to the end; returns how many rows were inserted, changed or deleted. A broken constraint throws
    // store_error with errc::conflict and leaves nothing of this statement behind.
    template <class... Values>
    std::int64_t execute(std::string_view sql, const Values&... values) {
        cursor c(*this, sql);
        c.values_stay_ = true;
        c.bind_all(values...);
        while (c.next()) {}
        return changes();
    }
    void run_script(std::string_view sql);  // several statements, no values
    // When the log of what was written has so many pages it is copied into the main file.
    void copy_log_after(int pages);

    [[nodiscard]] std::int64_t last_insert_id() const;
    [[nodiscard]] bool was_new() const noexcept {
        return was_new_;
    }  // this object made the file's first tables
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    [[nodiscard]] std::string take_warning() override;

private:
    friend class cursor;

    void open(disk&, soundness);
    void connect(disk&);
    struct failed_commit {
        store_error why;
        bool is_known = false;  // that nothing of it is stored
    };
    [[nodiscard]] std::optional<failed_commit> try_commit();
    [[nodiscard]] bool overwrite_failed_commit() noexcept;
    void configure();
    void limit_log();
    void expect_sound();
    [[nodiscard]] std::size_t expect_known_version(std::size_t known);
    void migrate(const migrations&, std::size_t version);
    [[nodiscard]] std::int64_t changes() const;
    [[nodiscard]] statements::value_type* place_of(std::string_view sql);
    [[nodiscard]] sqlite3_stmt* take(statements::value_type&);
    static void give_back(statements::value_type&, sqlite3_stmt*) noexcept;
    void close() noexcept;
    void close_without_copying() noexcept;
    [[nodiscard]] store_error error(int code, std::string_view step) const;
    [[nodiscard]] store_error error(int code, std::string_view step, int error_number) const;
    [[nodiscard]] store_error damaged(std::string_view finding) const;

    std::filesystem::path file_;
    page_checksums checksums_;
    sqlite3* handle_ = nullptr;
    wal_keeper log_;
    statements idle_;
    std::int64_t version_ = 0;  // of the schema
    std::string doubt_;         // why a commit that failed may yet be there; empty: there is none
    bool was_new_ = false;
};

// What happens inside is undone unless `keep` is called: for jobs that write more than one row and may yet
// refuse.
class savepoint {
public:
    explicit savepoint(database&);
    ~savepoint();
    savepoint(const savepoint&) = delete;
    savepoint& operator=(const savepoint&) = delete;
    void keep();

private:
    database& database_;
    bool kept_ = false;
};

}  // namespace distd::sqlite

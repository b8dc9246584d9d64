#include "role/grading/sqlite_gradebook.hpp"

#include "role/grading/schema.hpp"
#include "store/posix_file.hpp"

namespace distd::grading {
namespace {

// Approximate memory of a queued command: its texts are limited by the rules for grades.
constexpr std::size_t command_bytes = sizeof(command) + sizeof(origin) + 512;

constexpr std::size_t step_bytes = sizeof(import_step) + 64;  // most titles are short

std::size_t bytes_of(const command& c) {
    const auto* table = std::get_if<import_table>(&c);
    return command_bytes + (table ? step_bytes * table->steps.size() + table->answer.size() : 0);
}

constexpr std::size_t piece_bytes = 64 << 10;

}  // namespace

// Lives on the event loop; the file is read on the reader thread.
class sqlite_gradebook::file_copy final : public gradebook::copy {
public:
    explicit file_copy(sqlite_gradebook& book) : book_(book) { book_.copying_ = true; }
    ~file_copy() override {
        book_.storage_.remove(book_.copy_file_);
        book_.copying_ = false;
    }

    task<result<std::string>> read_some() override {
        // Shared: a cancelled reader may leave its job running.
        auto job = [in = in_, &storage = book_.storage_, file = book_.copy_file_]() -> result<std::string> {
            if (!in->file.is_open()) {
                in->file = posix_file(storage, file, posix_file::mode::read);
                storage.remove(file);  // the open file vanishes with its last reader, also after kill -9
            }
            std::string piece(piece_bytes, '\0');
            piece.resize(in->file.read_at(in->position, piece.data(), piece.size()));
            in->position += piece.size();
            return piece;
        };
        co_return co_await book_.reader_.run(std::move(job));
    }

private:
    struct input {
        posix_file file;
        std::uint64_t position = 0;
    };
    sqlite_gradebook& book_;
    std::shared_ptr<input> in_ = std::make_shared<input>();
};

void sqlite_gradebook::fair_target::begin() {
    const held_turn wait_for_turn(turn_);
    db_.begin();
    writer_.begin();
}

void sqlite_gradebook::fair_target::commit() {
    writer_.finish();
    db_.commit();
    if (turn_) turn_->announce_commit();
}

sqlite_gradebook::sqlite_gradebook(place p, executor loop)
    : storage_(p.storage),
      copy_file_(std::move(p.copy_file)),
      turn_(p.is_shared ? std::make_unique<store_turn>(p.file, p.storage) : nullptr),
      opening_(std::in_place, turn_.get()),
      written_(p.file, gradebook_schema(), sqlite::soundness::to_check, p.storage),
      read_(p.file, gradebook_schema(), sqlite::soundness::known, p.storage),
      writer_(written_, p.answers),
      target_(written_, writer_, turn_.get()),
      queue_("grades-writer", target_, loop),
      reader_("grades-reader", 1, loop) {
    opening_.reset();
    storage_.remove(copy_file_);  // left by a killed process
}

gradebook::contents sqlite_gradebook::load() {
    written_.execute("BEGIN");  // a snapshot: commits of others become visible later
    std::vector<student> students;
    for (auto row = written_.query("SELECT id, first_name, last_name, version FROM students ORDER BY id");
         row.next();)
        students.push_back(
            {row.integer(0), std::string(row.text(1)), std::string(row.text(2)), {}, row.integer(3)});

    // Both lists are ordered by student, so one pass joins them.
    auto owner = students.begin();
    for (auto row =
             written_.query("SELECT student_id, title, type, score, id FROM grades ORDER BY student_id, id");
         row.next();) {
        while (owner->id < row.integer(0)) ++owner;  // exists: foreign key
        owner->grades.push_back(
            {std::string(row.text(1)), std::string(row.text(2)), row.real(3), row.integer(4)});
    }
    contents found{std::move(students), writer_.weights(), writer_.revision()};
    written_.execute("COMMIT");
    return found;
}

void sqlite_gradebook::begin_change(command c, origin from, completion<result<outcome>> on_done) {
    const auto bytes = bytes_of(c);
    auto job = [this, kept = std::move(c), by = std::move(from)]() -> result<outcome> {
        return writer_.perform(kept, by);
    };
    queue_.submit(std::move(job), bytes, std::move(on_done));
}

task<result<std::vector<history_entry>>> sqlite_gradebook::history(history_query q) {
    auto job = [this, q]() -> result<std::vector<history_entry>> { return read_history(q); };
    co_return co_await reader_.run(std::move(job));
}

task<result<std::unique_ptr<gradebook::copy>>> sqlite_gradebook::make_copy() {
    using made = result<std::unique_ptr<copy>>;
    if (copying_) co_return made(make_error_code(errc::overloaded));
    auto owner = std::make_unique<file_copy>(*this);
    auto job = [this]() -> result<> {
        remove_file(storage_, copy_file_);  // left by a cancelled reader
        read_.execute("VACUUM INTO ?", copy_file_.string());
        return {};
    };
    const auto written = co_await reader_.run(std::move(job));
    if (!written) co_return made(written.error());
    co_return made(std::move(owner));
}

std::vector<history_entry> sqlite_gradebook::read_history(const history_query& q) {
    constexpr std::string_view of_all =
        "SELECT id, at_ms, request_id, action, student_id, grade_id, before, after, undoes FROM history "
        "WHERE id > ? ORDER BY id LIMIT ?";
    constexpr std::string_view of_one =
        "SELECT id, at_ms, request_id, action, student_id, grade_id, before, after, undoes FROM history "
        "WHERE student_id = ? AND id > ? ORDER BY id LIMIT ?";
    return entries_of(q.student_id ? read_.query(of_one, *q.student_id, q.after, q.limit)
                                   : read_.query(of_all, q.after, q.limit));
}

task<result<std::vector<history_entry>>> sqlite_gradebook::latest(std::int64_t student_id, std::int64_t until,
                                                                  std::int64_t limit) {
    auto job = [this, student_id, until, limit]() -> result<std::vector<history_entry>> {
        return entries_of(read_.query(
            "SELECT id, at_ms, request_id, action, student_id, grade_id, before, after, undoes FROM history "
            "WHERE (student_id = ? OR student_id IS NULL) AND id <= ? ORDER BY id DESC LIMIT ?",
            student_id, until, limit));
    };
    co_return co_await reader_.run(std::move(job));
}

std::vector<history_entry> sqlite_gradebook::entries_of(sqlite::cursor row) {
    const auto number = [&row](int column) {
        return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
    };
    std::vector<history_entry> entries;
    while (row.next())
        entries.push_back({row.integer(0), row.integer(1), std::string(row.text(2)), std::string(row.text(3)),
                           number(4), number(5), std::string(row.text(6)), std::string(row.text(7)),
                           number(8)});
    return entries;
}

}  // namespace distd::grading

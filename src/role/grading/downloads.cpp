#include "role/grading/downloads.hpp"

#include "role/grading/core/grade_table.hpp"
#include "role/known_parameters.hpp"

namespace distd::grading {
namespace {

constexpr std::size_t piece_bytes = 64 << 10;

}  // namespace

downloads::downloads(service& s, const grade_book_state& book, gradebook& store)
    : service_(s), book_(book), store_(store) {}

http::response downloads::table(http::request) {
    auto r = http::response::stream(200, "text/csv; charset=utf-8; header=present",
                                    [this](http::body_writer out) { return send_table(out); });
    return std::move(r).header("Content-Disposition", "attachment; filename=\"grades.csv\"");
}

// The book may change between two pieces: each student is consistent, and appears once.
task<> downloads::send_table(http::body_writer out) {
    std::string text;
    append_table_head(text);
    for (const auto* s = book_.next_after(-1); s != nullptr;) {
        append_table_lines(text, *s);
        const auto id = s->id;
        if (text.size() >= piece_bytes) {
            const auto sent = co_await out.write(std::move(text));
            if (!sent) co_return;
            text.clear();
        }
        s = book_.next_after(id);
    }
    const auto sent = co_await out.write(std::move(text));
    static_cast<void>(sent);  // the last piece
}

task<http::response> downloads::backup(http::request q) {
    if (auto wrong = refuse_others(q, {})) co_return *std::move(wrong);
    auto made = co_await store_.make_copy();
    if (!made) {
        service_.log().error("grade_backup_failed", {{"reason", made.error().message()}});
        co_return http::response::of(made.error());
    }
    auto copy = std::shared_ptr<gradebook::copy>(*std::move(made));
    auto r = http::response::stream(200, "application/vnd.sqlite3",
                                    [this, copy](http::body_writer out) { return send_backup(out, copy); });
    co_return std::move(r).header("Content-Disposition", "attachment; filename=\"grades.db\"");
}

// A copy that cannot be read completely closes the connection, so that no client takes a partial one for a
// backup.
task<> downloads::send_backup(http::body_writer out, std::shared_ptr<gradebook::copy> copy) {
    for (;;) {
        auto piece = co_await copy->read_some();
        if (!piece) throw boost::system::system_error(piece.error());
        if (piece->empty()) co_return;
        const auto sent = co_await out.write(std::move(*piece));
        if (!sent) co_return;
    }
}

}  // namespace distd::grading

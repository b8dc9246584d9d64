// The history says enough to follow it onwards, and back to an earlier version of a student.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "role/grading/core/replay.hpp"
#include "role/grading/sqlite_gradebook.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::grading;

namespace {

struct kept_book {
    kept_book() : store({dir / "g.db", dir / "g.copy"}, runner.loop.get_executor()) {
        shown = grade_book_state(store.load().students);
        followed = grade_book_state(store.load().students);
    }
    void perform(command c) {
        runner.run([&] { return performing(std::move(c)); });
    }
    task<> performing(command c) {
        const auto made = (co_await store.perform(std::move(c), {})).value();
        REQUIRE(made.is == command_status::done);
        for (const auto& each : made.changes) shown.apply(each);
    }
    std::vector<history_entry> history() {
        std::vector<history_entry> got;
        runner.run([&] { return reading(got); });
        return got;
    }
    task<> reading(std::vector<history_entry>& got) { got = (co_await store.history({})).value(); }

    test::temp_dir dir;
    test::loop_runner runner;
    sqlite_gradebook store;
    grade_book_state shown;     // follows what was done
    grade_book_state followed;  // follows the history
};

std::vector<command> all_kinds() {
    return {add_grade{1, {"Essay \"A\"", "Homework", 87.3}},
            change_grade{1, {"Quiz 1", "Quiz", 0.1, 1}},
            set_weights{{{1, 2, 3, 0.5}}},
            rename_student{1, "Zoë", "O'Neil"},
            remove_grade{1, 2},
            undo_entry{5},
            add_student{"New", "One"},
            add_grade{6, {"First", "Test", 3}},
            remove_student{2},
            undo_entry{9},
            undo_entry{4},
            undo_entry{3},
            remove_grade{1, 16}};
}

}  // namespace

TEST_CASE("a book that follows the history is the book that followed the changes") {
    kept_book k;
    for (auto& c : all_kinds()) k.perform(std::move(c));
    for (const auto& e : k.history()) {
        const auto c = change_of(e, k.followed);
        REQUIRE(c);
        k.followed.apply(*c);
    }
    CHECK(*k.followed.all().text == *k.shown.all().text);
    CHECK(k.followed.tests().wire_text(100) == k.shown.tests().wire_text(100));
    CHECK(*grade_book_state(k.store.load().students, k.store.load().weights).all().text ==
          *k.shown.all().text);
}

TEST_CASE("every earlier version of a student can be rebuilt from the history") {
    kept_book k;
    std::map<std::int64_t, std::string> seen;
    const auto look = [&] { seen[k.shown.look_up(1)->version] = *k.shown.find(1)->text; };
    look();
    for (auto& c : all_kinds()) {
        k.perform(std::move(c));
        look();
    }
    auto entries = k.history();
    std::reverse(entries.begin(), entries.end());
    std::erase_if(entries, [](const history_entry& e) { return e.student_id.value_or(1) != 1; });
    for (const auto& [version, text] : seen) {
        const auto then = as_of_version(version, {*k.shown.look_up(1), k.shown.weights()}, entries);
        REQUIRE(then);
        std::string shown;
        append_wire(shown, then->of, then->weights);
        CHECK(shown == text);
    }
    CHECK_FALSE(as_of_version(0, {*k.shown.look_up(1), k.shown.weights()}, entries));
}

TEST_CASE("an entry that does not fit the book is no change") {
    grade_book_state book({{1, "A", "B", {}, 1}});
    const auto of = [&](const std::string& action, std::optional<std::int64_t> student,
                        const std::string& after) {
        return change_of({1, 0, {}, action, student, 1, {}, after, {}}, book);
    };
    CHECK_FALSE(of("grade_added", 2, R"({"title":"T","type":"Quiz","score":1,"id":1})"));
    CHECK_FALSE(of("grade_added", 1, "{"));
    CHECK_FALSE(of("grade_removed", 1, ""));
    CHECK_FALSE(of("student_added", 1, R"({"FirstName":"A","LastName":"B"})"));
    CHECK_FALSE(of("unheard_of", 1, "{}"));
    CHECK(of("grade_added", 1, R"({"title":"T","type":"Quiz","score":1,"id":1})"));
}

// Students found by name and put in order.
#include <catch2/catch.hpp>

#include "role/grading/core/fold.hpp"
#include "role/grading/core/roster.hpp"

using namespace distd::grading;

namespace {

using ids = std::vector<std::int64_t>;

roster small_class() {
    roster r;
    r.put(1, "Zoë", "Müller", 80);
    r.put(2, "adam", "Łoś", std::nullopt);
    r.put(3, "Ängela", "muller", 80);
    r.put(4, "Bob", "Ando", 20);
    return r;
}

ids in_order(roster& r, const char* order) { return r.select({"", parse_order(order).value()}).ids; }
ids search(roster& r, const char* text) { return r.select({text}).ids; }

}  // namespace

TEST_CASE("case and accents of Latin letters do not count") {
    CHECK(folded("Łukasz ÜNAL Œuvre Straße ŽIŽEK") == "lukasz unal oeuvre strasse zizek");
    CHECK(folded("e\xcc\x81") == "e");
    CHECK(folded("NGUYỄN Thị Ứng Đặng GROẞ Ștefan ǅ") == "nguyen thi ung dang gross stefan ǆ");
    CHECK(folded("ΏΜΈΓΑ Άννα Γιώργος ΣΊΣΥΦΟΣ") == "ωμεγα αννα γιωργοσ σισυφοσ");
    CHECK(folded("ФЁДОР Їжак Андрей Ђорђе Қазақ") == "федор іжак андреи ђорђе қазақ");
    CHECK(folded("漢字 3×4 \xc3 \xe1\xba") == "漢字 3×4 \xc3 \xe1\xba");
    CHECK(folded("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
}

TEST_CASE("equal keys are ordered by ID in both directions, and no average comes last in both") {
    auto r = small_class();
    CHECK(in_order(r, "id") == ids{1, 2, 3, 4});
    CHECK(in_order(r, "-id") == ids{4, 3, 2, 1});
    CHECK(in_order(r, "name") == ids{4, 2, 3, 1});
    CHECK(in_order(r, "-name") == ids{1, 3, 2, 4});
    CHECK(in_order(r, "average") == ids{4, 1, 3, 2});
    CHECK(in_order(r, "-average") == ids{1, 3, 4, 2});
    CHECK_FALSE(parse_order("names"));
    CHECK_FALSE(parse_order("--id"));
    CHECK_FALSE(parse_order(""));
}

TEST_CASE("an order that was asked for follows every change") {
    auto r = small_class();
    for (const auto* order : {"id", "-id", "name", "average", "-average"})
        CHECK(in_order(r, order).size() == 4);
    r.put(2, "Adam", "Los", 90);
    r.put(5, "New", "Aaa", std::nullopt);
    r.remove(3);
    r.remove(3);
    CHECK(in_order(r, "id") == ids{1, 2, 4, 5});
    CHECK(in_order(r, "-id") == ids{5, 4, 2, 1});
    CHECK(in_order(r, "name") == ids{5, 4, 2, 1});
    CHECK(in_order(r, "average") == ids{4, 1, 2, 5});
    CHECK(in_order(r, "-average") == ids{2, 1, 4, 5});
}

TEST_CASE("every word of a search must be in the name") {
    auto r = small_class();
    CHECK(search(r, "MÜLLER") == ids{1, 3});
    CHECK(search(r, " müller  zoe ") == ids{1});
    CHECK(search(r, "los") == ids{2});
    CHECK(search(r, "x").empty());
    CHECK(search(r, "  ") == ids{1, 2, 3, 4});
}

TEST_CASE("a page is a part of all that was found") {
    auto r = small_class();
    const auto second = r.select({"", {}, 2, 1});
    CHECK(second.ids == ids{3});
    CHECK(second.total == 4);
    CHECK(r.select({"muller", {}, 1, 5}).ids == ids{3});
    CHECK(r.select({"muller", {}, 1, 5}).total == 2);
    CHECK(r.select({"", {}, 4, 5}).ids.empty());
}

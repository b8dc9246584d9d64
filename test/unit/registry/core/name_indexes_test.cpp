#include "role/registry/core/name_indexes.hpp"

#include <catch2/catch.hpp>

using namespace distd::registry;

TEST_CASE("an index is never 0 and moves with its own name only") {
    name_indexes n;
    CHECK(n.of("A") == 1);
    CHECK(n.of_all() == 1);
    n.changed("A", 5, true);
    n.changed("B", 6, true);
    CHECK(n.of("A") == 5);
    CHECK(n.of("B") == 6);
    CHECK(n.of("C") == 1);
    CHECK(n.of_all() == 6);
}

TEST_CASE("a text has another version after each change of its name, and without one of the index") {
    name_indexes n;
    n.changed("A", 5, true);
    const auto before = n.text_version("A");
    CHECK(before != 0);
    n.changed("B", 6, true);
    CHECK(n.text_version("A") == before);
    n.text_changed("A");
    CHECK(n.text_version("A") != before);
    CHECK(n.of("A") == 5);
    n.text_changed("nobody");
    CHECK(n.text_version("nobody") == 0);
}

TEST_CASE("a name without instances keeps its index, and takes part again when it comes back") {
    name_indexes n;
    n.changed("A", 5, false);
    CHECK(n.departed() == 1);
    CHECK(n.of("A") == 5);
    n.changed("A", 9, true);
    CHECK(n.departed() == 0);
    CHECK(n.of("A") == 9);
}

TEST_CASE("of too many departed names the oldest are forgotten, and none of them goes backwards") {
    name_indexes n;
    n.changed("alive", 2, true);
    const auto count = name_indexes::max_departed + 3;
    for (std::size_t i = 0; i < count; ++i) n.changed("n" + std::to_string(i), 10 + i, false);
    CHECK(n.to_forget() == 12);
    n.forget(n.to_forget());
    CHECK(n.departed() == name_indexes::max_departed);
    CHECK(n.to_forget() == 0);
    CHECK(n.of("n0") == 12);
    CHECK(n.of("never seen") == 12);
    CHECK(n.of("n3") == 13);
    CHECK(n.of("alive") == 2);
    CHECK(n.of_all() == 10 + count - 1);
}

TEST_CASE("what was restored is at least what was forgotten before") {
    name_indexes n;
    n.restore_floor(12);
    n.restore("alive", 2, true);
    n.restore("alive", 20, false);  // the row that was kept of it when an instance left
    n.restore("young", 3, true);
    n.restore("departed", 30, false);
    CHECK(n.of("alive") == 20);
    CHECK(n.of("young") == 12);
    CHECK(n.of("departed") == 30);
    CHECK(n.of("never seen") == 12);
    CHECK(n.of_all() == 30);
    CHECK(n.departed() == 1);
}

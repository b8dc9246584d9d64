// The bytes beside the database that a full disk still takes.
#include "store/sqlite/store_mark.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/full_disk.hpp"
#include "support/temp_dir.hpp"

using namespace distd;

TEST_CASE("a mark is found again as it was written, its ceiling and its doubt") {
    test::temp_dir dir;
    {
        store_mark m(dir / "registry.mark");
        CHECK_FALSE(m.was_there());
        m.open(7);
        CHECK(m.ceiling() == 7);
        m.raise(9);
        m.raise(8);
    }
    store_mark m(dir / "registry.mark");
    CHECK(m.was_there());
    CHECK(m.ceiling() == 9);
    CHECK_FALSE(m.in_doubt());
    m.open(1);
    m.doubt(9);
    CHECK(store_mark(dir / "registry.mark").in_doubt());
    m.doubt(11);
    CHECK(store_mark(dir / "registry.mark").ceiling() == 11);
    m.clear();
    CHECK_FALSE(store_mark(dir / "registry.mark").in_doubt());
    CHECK(store_mark(dir / "registry.mark").ceiling() == 11);
}

TEST_CASE("a mark is written on a full disk") {
    test::temp_dir dir;
    store_mark m(dir / "registry.mark");
    m.open(7);
    const auto size = std::filesystem::file_size(dir / "registry.mark");
    const test::full_disk now(size);
    m.raise(70);
    m.doubt(70);
    const store_mark again(dir / "registry.mark");
    CHECK(again.ceiling() == 70);
    CHECK(again.in_doubt());
    CHECK(std::filesystem::file_size(dir / "registry.mark") == size);
}

TEST_CASE("a mark that makes no sense is a doubt") {
    test::temp_dir dir;
    const auto path = dir / "registry.mark";
    store_mark(path).open(7);
    std::string text;
    std::getline(std::ifstream(path, std::ios::binary), text, '\0');
    std::string wrong;
    SECTION("empty") {}
    SECTION("cut") { wrong = text.substr(0, text.size() - 3); }
    SECTION("another number") { wrong = std::string(text).replace(text.find('7'), 1, "8"); }
    SECTION("of another kind") { wrong = "something else\n" + text; }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << wrong;
    store_mark m(path);
    CHECK(m.was_there());
    CHECK_FALSE(m.was_readable());
    CHECK(m.in_doubt());
    m.open(12);
    const store_mark again(path);
    CHECK(again.was_readable());
    CHECK(again.in_doubt());
    CHECK(again.ceiling() == 12);
}

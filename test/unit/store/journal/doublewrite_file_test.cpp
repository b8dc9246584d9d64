// What doublewrite_file.hpp promises: entries are found again, in order, and nothing else is.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "store/journal/doublewrite_file.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t unit = 4096;  // every entry begins at a multiple of it
constexpr std::uint64_t doublewrite_bytes = 6 * unit;

std::vector<std::string> texts(const fs::path& file) {
    std::vector<std::string> all;
    for (const auto& e : doublewrite_file::left_on(file)) all.push_back(e.bytes);
    return all;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("entries of a doublewrite file are found in order, with their places, at the next start") {
    test::temp_dir dir;
    // As it is on most file systems, and as on those that only know the page cache.
    const bool is_direct = GENERATE(true, false);
    doublewrite_file file(dir / "doublewrite", doublewrite_bytes, is_direct);
    CHECK(texts(dir / "doublewrite").empty());
    CHECK(file.put(7, 100, "one"));
    CHECK(file.put(8, 0, "two"));
    const auto found = doublewrite_file::left_on(dir / "doublewrite");
    REQUIRE(found.size() == 2);
    CHECK(found[0].file == 7);
    CHECK(found[0].offset == 100);
    CHECK(found[0].bytes == "one");
    CHECK(found[1].file == 8);
    CHECK(found[1].bytes == "two");
    CHECK(fs::file_size(dir / "doublewrite") == doublewrite_bytes);
    CHECK(texts(dir / "none").empty());
}

TEST_CASE("a doublewrite file says when it is full, and its entries do not come back after it was cleared") {
    test::temp_dir dir;
    doublewrite_file file(dir / "doublewrite", doublewrite_bytes, GENERATE(true, false));
    const std::string text(600, 'a');
    int taken = 0;
    while (file.put(1, 0, text)) ++taken;
    CHECK(taken == 6);
    CHECK(fs::file_size(dir / "doublewrite") == doublewrite_bytes);
    file.clear();
    // Until something is put over them: they are durable elsewhere, too.
    CHECK(texts(dir / "doublewrite").size() == 6);
    CHECK(file.put(1, 0, std::string(600, 'b')));
    CHECK(texts(dir / "doublewrite") == strings{std::string(600, 'b')});
}

TEST_CASE(
    "a damaged entry of a doublewrite file is seen by those behind it, and one that is cut is the end") {
    test::temp_dir dir;
    const strings put{"first", "second and longer", "third"};
    {
        doublewrite_file file(dir / "doublewrite", doublewrite_bytes);
        for (const auto& text : put) REQUIRE(file.put(1, 0, text));
    }
    const auto sound = test::text_of(dir / "doublewrite");
    for (std::size_t before = 0; before < put.size(); ++before)
        for (std::size_t i = 0; i < 40 + put[before].size(); ++i) {
            const auto at = before * unit + i;
            const strings left(put.begin(), put.begin() + static_cast<std::ptrdiff_t>(before));
            auto hurt = sound;
            hurt[at] = static_cast<char>(hurt[at] ^ 0x20);
            test::write_file(dir / "hurt", hurt);
            auto others = put;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(before));
            // Without the first one it is not known which round the others are of.
            CHECK(texts(dir / "hurt") == (before > 0 ? others : left));
            test::write_file(dir / "short", sound.substr(0, at));
            CHECK(texts(dir / "short") == left);
        }
}

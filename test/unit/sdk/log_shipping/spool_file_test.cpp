// Lines in, lines out, in order, within a bound, whatever happened to the process in between.
#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "sdk/log_shipping/line_queue.hpp"
#include "sdk/log_shipping/spool_file.hpp"
#include "support/full_disk.hpp"
#include "support/temp_dir.hpp"

using distd::errc;
using distd::spool_file;
using distd::test::full_disk;
using distd::test::temp_dir;

namespace {

constexpr std::uint64_t large = 1 << 20;

std::string numbered(int from, int to) {
    std::string lines;
    for (int i = from; i < to; ++i) lines += "line " + std::to_string(i) + "\n";
    return lines;
}

std::string read_all(spool_file& f, std::size_t max = 64) {
    std::string all;
    for (;;) {
        const auto piece = f.read(max).value();
        if (piece.lines.empty()) return all;
        all += piece.lines;
        REQUIRE(f.done(piece.begin + piece.lines.size()));
    }
}

std::uintmax_t bytes_on_disk(const temp_dir& dir) {
    std::uintmax_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir / ".")) sum += entry.file_size();
    return sum;
}

}  // namespace

TEST_CASE("lines leave the spool in the order they came, and then there is no file") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    CHECK(f.read(100)->lines.empty());
    CHECK_FALSE(std::filesystem::exists(dir / "log.spool"));
    CHECK(f.append(numbered(0, 50)).value() == 0);
    CHECK(f.append(numbered(50, 100)).value() == 0);
    CHECK(f.bytes() == numbered(0, 100).size());
    CHECK(read_all(f) == numbered(0, 100));
    CHECK_FALSE(std::filesystem::exists(dir / "log.spool"));
    CHECK(f.append(numbered(100, 110)).value() == 0);
    CHECK(read_all(f) == numbered(100, 110));
}

TEST_CASE("what was read stays until it is done") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.append(numbered(0, 10)));
    const auto first = f.read(15);
    CHECK(first->lines == numbered(0, 2));
    CHECK(f.read(15)->lines == numbered(0, 2));
    REQUIRE(f.done(first->begin + 7));
    CHECK(f.read(15)->lines == numbered(1, 3));
    CHECK(f.read(1)->lines == numbered(1, 2));  // one line at least
}

TEST_CASE("the next process continues the spool") {
    temp_dir dir;
    {
        spool_file f(distd::real_disk(), dir / "log.spool", large);
        REQUIRE(f.append(numbered(0, 10)));
        const auto piece = f.read(21);
        REQUIRE(f.done(piece->begin + piece->lines.size()));
    }
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.append(numbered(10, 12)));
    CHECK(read_all(f) == numbered(3, 12));
}

TEST_CASE("a line truncated by a kill is skipped") {
    temp_dir dir;
    { REQUIRE(spool_file(distd::real_disk(), dir / "log.spool", large).append(numbered(0, 3))); }
    std::ofstream(dir / "log.spool", std::ios::app) << "line 3 is cut sho";
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.append(numbered(4, 5)));
    CHECK(read_all(f) == numbered(0, 3) + numbered(4, 5));
}

TEST_CASE("a file that is not a spool is replaced") {
    temp_dir dir;
    const auto* content =
        GENERATE("", "{\"distd_sp", "something else that is longer than the first line of a spool file\n");
    std::ofstream(dir / "log.spool") << content;
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.append(numbered(0, 3)));
    CHECK(read_all(f) == numbered(0, 3));
}

TEST_CASE("a damaged place in the file's first line loses no line that can be read") {
    temp_dir dir;
    { REQUIRE(spool_file(distd::real_disk(), dir / "log.spool", large).append(numbered(0, 3))); }
    const auto* digits = GENERATE("99999999999999999999", "00000000000000000000", "0000000000000000x000");
    std::fstream(dir / "log.spool", std::ios::in | std::ios::out).seekp(25) << digits;
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.append(numbered(3, 4)));
    CHECK(read_all(f).ends_with(numbered(3, 4)));
}

TEST_CASE("a full spool drops the oldest lines, whole ones, and counts them") {
    temp_dir dir;
    constexpr std::uint64_t limit = 4096;
    spool_file f(distd::real_disk(), dir / "log.spool", limit);
    std::uint64_t dropped = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto outcome = f.append(numbered(i, i + 1));
        REQUIRE(outcome);
        dropped += *outcome;
        REQUIRE(bytes_on_disk(dir) <= limit);
    }
    CHECK(f.bytes() > limit / 3);
    CHECK(read_all(f) == numbered(static_cast<int>(dropped), 5000));
}

TEST_CASE("a spool of two files is read, taken up and put back in the order of its lines") {
    temp_dir dir;
    constexpr std::uint64_t limit = 4096;
    int begin = 0;
    {
        spool_file f(distd::real_disk(), dir / "log.spool", limit);
        REQUIRE(f.append(numbered(0, 230)).value() == 0);
        REQUIRE(f.append(numbered(230, 330)).value() == 0);
        REQUIRE(std::filesystem::exists(dir / "log.spool.next"));
        const auto piece = f.read(50);
        REQUIRE(f.done(piece->begin + piece->lines.size()));
        begin = 7;
        REQUIRE(piece->lines == numbered(0, begin));
        REQUIRE(f.put_back(numbered(begin - 2, begin)));
    }
    spool_file f(distd::real_disk(), dir / "log.spool", limit);
    CHECK(f.read(1)->lines == numbered(begin - 2, begin - 1));
    CHECK(f.bytes() == numbered(begin - 2, 330).size());
    REQUIRE(f.append(numbered(330, 340)).value() == 0);
    CHECK(read_all(f) == numbered(begin - 2, 340));
    CHECK(bytes_on_disk(dir) == 0);
}

TEST_CASE("room is made without reading or writing what stays") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", 4096);
    REQUIRE(f.append(numbered(0, 230)));
    REQUIRE(f.append(numbered(230, 430)));
    struct stat before {};
    REQUIRE(::stat((dir / "log.spool.next").c_str(), &before) == 0);
    CHECK(f.append(numbered(430, 630)).value() == 230);
    struct stat after {};
    REQUIRE(::stat((dir / "log.spool").c_str(), &after) == 0);
    CHECK(after.st_ino == before.st_ino);
    CHECK(read_all(f) == numbered(230, 630));
}

TEST_CASE("more lines than the spool holds leave the newest") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", 1024);
    const auto outcome = f.append(numbered(0, 1000));
    REQUIRE(outcome);
    CHECK(read_all(f) == numbered(static_cast<int>(*outcome), 1000));
}

TEST_CASE("what is done for lines that were dropped meanwhile harms no other line") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", 1024);
    REQUIRE(f.append(numbered(0, 50)));
    const auto piece = f.read(20);
    const auto dropped = f.append(numbered(50, 150));
    REQUIRE(dropped);
    REQUIRE(*dropped > 2);
    REQUIRE(f.done(piece->begin + piece->lines.size()));
    CHECK(read_all(f) == numbered(static_cast<int>(*dropped), 150));
}

TEST_CASE("lines that are put back come out first") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.put_back(numbered(5, 8)));
    REQUIRE(f.append(numbered(8, 10)));
    const auto piece = f.read(7);
    REQUIRE(f.put_back(numbered(0, 5)));
    REQUIRE(f.done(piece->begin - 7));  // all before the last line that was put back
    CHECK(read_all(f) == numbered(4, 10));
}

TEST_CASE("lines that are put in front as a whole say where they are, or change nothing") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", 1024);
    const auto begin = f.put_in_front(numbered(0, 5));
    REQUIRE(begin);
    CHECK(f.read(1)->begin == *begin);
    REQUIRE(f.append(numbered(5, 10)));
    CHECK(f.put_in_front(numbered(0, 150)).error() == errc::storage_full);
    REQUIRE(f.done(*begin + numbered(0, 5).size()));
    CHECK(read_all(f) == numbered(5, 10));
}

TEST_CASE("nobody else may read the spool") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", 1024);
    struct stat about {};
    REQUIRE(f.append(numbered(0, 10)));
    REQUIRE(::stat((dir / "log.spool").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    REQUIRE(f.put_back(numbered(0, 10)));  // rewritten
    REQUIRE(::stat((dir / "log.spool").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a spool that cannot be made says so") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "missing/log.spool", large);
    CHECK(f.append("a\n").error() == errc::storage_failed);
    CHECK(f.read(10)->lines.empty());
}

TEST_CASE("on a full disk an append fails as a whole and the file is unchanged") {
    temp_dir dir;
    spool_file f(distd::real_disk(), dir / "log.spool", large);
    REQUIRE(f.append(numbered(0, 10)));
    const auto outcome = [&] {
        const full_disk now(std::filesystem::file_size(dir / "log.spool") + 20);
        return f.append(numbered(10, 20));
    }();
    CHECK(outcome.error() == errc::storage_full);
    REQUIRE(f.append(numbered(20, 22)));
    CHECK(read_all(f) == numbered(0, 10) + numbered(20, 22));
}

TEST_CASE("pieces of lines are cut at their ends") {
    using namespace distd;
    CHECK(first_lines("ab\ncd\n", 100) == "ab\ncd\n");
    CHECK(first_lines("ab\ncd\n", 5) == "ab\n");
    CHECK(first_lines("ab\ncd\n", 3) == "ab\n");
    CHECK(first_lines("ab\ncd\n", 2) == "ab\n");
    CHECK(first_lines("ab\ncd\n", 0) == "ab\n");
    CHECK(lines_over("ab\ncd\n", 6).empty());
    CHECK(lines_over("ab\ncd\n", 5) == "ab\n");
    CHECK(lines_over("ab\ncd\n", 3) == "ab\n");
    CHECK(lines_over("ab\ncd\n", 2) == "ab\ncd\n");
    line_queue q;
    for (int i = 0; i < 1000; ++i) {
        q.tail() += numbered(i, i + 1);
        if (i % 2 == 0) CHECK(q.take(1) == numbered(i / 2, i / 2 + 1));
    }
    CHECK(q.take_all() == numbered(500, 1000));
    CHECK(q.empty());
}

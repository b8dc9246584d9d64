// The file of a part: written whole or not at all, read back as it was; whatever is damaged or cut is
// noticed, named and passed over. And `distd logs cat`, which must cope with the same.
#include <catch2/catch.hpp>
#include <memory>

#include "role/log/storage/logs_cat.hpp"
#include "role/log/storage/part_writer.hpp"
#include "support/files.hpp"
#include "support/json_record.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using distd::test::text_of;
using distd::test::write_file;
using namespace distd::logs;
namespace fs = std::filesystem;

namespace {

std::string line(std::uint64_t seq) {
    std::string text;
    const auto sent = R"({"service":"A","trace":"t)" + std::to_string(seq / 3) + R"(","message":"line )" +
                      std::to_string(seq) + " \\\"quoted\\\"\",\"n\":" + std::to_string(seq) + "}";
    REQUIRE_FALSE(append_json_record(text, sent, 1'800'000'000'000'000'000));
    return "{\"seq\":" + std::to_string(seq) + "," + text.substr(1);
}
std::string lines(std::uint64_t first, std::uint64_t last) {
    std::string all;
    for (auto n = first; n <= last; ++n) all += line(n);
    return all;
}

// Three blocks: the numbers have two gaps.
std::shared_ptr<const part> write_part(const fs::path& directory) {
    part_writer out(real_disk(), directory, 1, 30);
    for (const auto& [first, last] : {std::pair(1, 5), std::pair(11, 16), std::pair(20, 30)})
        for (auto n = first; n <= last; ++n) {
            const auto text = line(static_cast<std::uint64_t>(n));
            out.add(static_cast<std::uint64_t>(n), std::string_view(text).substr(0, text.size() - 1));
        }
    return out.finish(7);
}
const auto block_texts = [] { return std::vector{lines(1, 5), lines(11, 16), lines(20, 30)}; };

struct cat_outcome {
    int code;
    std::string out;
    std::string err;
};
std::string all_of(std::FILE* f) {
    std::rewind(f);
    std::string text(1 << 20, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), f));
    return text;
}
cat_outcome cat(std::vector<std::string> arguments) {
    struct closer {
        void operator()(std::FILE* f) const { std::fclose(f); }
    };
    const std::unique_ptr<std::FILE, closer> out(std::tmpfile());
    const std::unique_ptr<std::FILE, closer> err(std::tmpfile());
    arguments.insert(arguments.begin(), "cat");
    const auto code = run_logs_command(arguments, out.get(), err.get());
    return {code, all_of(out.get()), all_of(err.get())};
}

// True when `text` is some of the blocks, each whole, in order.
bool is_of_whole_blocks(std::string_view text) {
    for (const auto& block : block_texts())
        if (text.starts_with(block)) text.remove_prefix(block.size());
    return text.empty();
}

}  // namespace

TEST_CASE("a part is opened by its end, and knows what was written") {
    test::temp_dir dir;
    const auto written = write_part(dir.path());
    CHECK(written->file() == dir / "00000000000000000001-00000000000000000030.part");
    CHECK((fs::status(written->file()).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    std::vector<damage> damaged;
    const auto p = part::open(real_disk(), written->file(), damaged);
    CHECK(damaged.empty());
    CHECK(p->first() == 1);
    CHECK(p->last() == 30);
    CHECK(p->index().arrived_ns == 7);
    CHECK(p->index().blocks.size() == 3);
    CHECK(p->bytes() == fs::file_size(p->file()));
    CHECK(p->index().line_bytes == lines(1, 5).size() + lines(11, 16).size() + lines(20, 30).size());
}

TEST_CASE("a part that was not finished leaves nothing behind") {
    test::temp_dir dir;
    { part_writer out(real_disk(), dir.path(), 1, 5); }
    CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("logs cat prints parts and segments byte for byte, in the order given") {
    test::temp_dir dir;
    const auto p = write_part(dir.path());
    fs::create_directory(dir / "journal");
    {
        segment_journal journal({dir / "journal"});
        journal.begin();
        journal.append("{\"n\":1}\n{\"n\":2}\n", 2);
        journal.commit();
    }
    const std::string segment = fs::path(dir / "journal") / "00000000000000000001.ndjson";
    const auto got = cat({segment, p->file()});
    CHECK(got.code == 0);
    CHECK(got.err.empty());
    CHECK(got.out ==
          "{\"seq\":1,\"n\":1}\n{\"seq\":2,\"n\":2}\n" + lines(1, 5) + lines(11, 16) + lines(20, 30));

    test::damage_byte(segment, text_of(segment).find("\"n\":2"));
    const auto hurt = cat({segment, p->file()});
    CHECK(hurt.code == 4);
    CHECK_THAT(hurt.err, Catch::Contains("does not fit its checksum") &&
                             Catch::Contains("1 damaged place was left out"));
    CHECK(hurt.out == lines(1, 5) + lines(11, 16) + lines(20, 30));
}

TEST_CASE("logs cat says what it cannot read, and how it is used") {
    test::temp_dir dir;
    write_file(dir / "diary.txt", "dear diary\n");
    const auto other = cat({dir / "diary.txt"});
    CHECK(other.code == 1);
    CHECK_THAT(other.err, Catch::Contains("neither a segment nor a part"));
    CHECK(cat({dir / "nothing.part"}).code == 1);
    CHECK(cat({}).code == 2);
    const auto p = write_part(dir.path());
    auto text = text_of(p->file());
    text[8] = 2;
    text.back() = '?';  // whatever a later format ends with
    write_file(p->file(), text);
    CHECK_THAT(cat({p->file()}).err, Catch::Contains("is of format 2, this version knows format 1 only"));
    CHECK(text_of(p->file()) == text);
}

TEST_CASE("no flipped byte of a part produces a wrong line, and losses are reported") {
    test::temp_dir dir;
    const auto file = write_part(dir.path())->file();
    const auto whole = text_of(file);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto text = whole;
        text[i] = static_cast<char>(text[i] ^ (1 << (i % 8)));
        write_file(file, text);
        const auto got = cat({file});
        REQUIRE(is_of_whole_blocks(got.out));
        REQUIRE((got.code == 0 || got.code == 4));
        if (got.code == 0) REQUIRE(got.out == lines(1, 5) + lines(11, 16) + lines(20, 30));
        if (got.code != 0) REQUIRE_FALSE(got.err.empty());
    }
}

TEST_CASE("wherever a part is cut, the blocks before the cut are found") {
    test::temp_dir dir;
    const auto p = write_part(dir.path());
    const auto whole = text_of(p->file());
    std::vector<std::size_t> ends;
    for (const auto& b : p->index().blocks) ends.push_back(b.body() + b.head.body_bytes);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        write_file(p->file(), whole.substr(0, size));
        const auto got = cat({p->file()});
        std::string expected;
        for (std::size_t i = 0; i < ends.size(); ++i)
            if (ends[i] <= size) expected += block_texts()[i];
        REQUIRE(got.out == expected);
        REQUIRE(got.code == 4);
    }
}

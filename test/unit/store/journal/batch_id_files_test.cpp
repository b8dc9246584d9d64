// The ids of batches beside a journal: what a disk has changed of them is named, what a crash tore is not.
#include "store/journal/batch_id_files.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "support/bad_places.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using distd::test::damage_byte;
using distd::test::files_in;
using distd::test::text_of;
using distd::test::write_file;

namespace {

batch_memory::dated_batch batch(const std::string& id, std::uint64_t at) {
    return {sender_batch{id, "s", "c", 1, 2}, at};
}

struct scene {
    test::temp_dir dir;
    std::filesystem::path file;
    std::vector<std::size_t> ends;  // of what was saved

    scene() {
        batch_id_files files(real_disk(), dir.path());
        std::vector<damage> none;
        REQUIRE(files.read(none).empty());
        for (std::uint64_t i = 0; i < 3; ++i) {
            const auto name = std::to_string(i);
            files.save({batch("early-" + name, 10 * i), batch("late-" + name, 10 * i + 5)});
            file = files_in(dir.path()).front();
            ends.push_back(text_of(file).size());
        }
    }
    std::vector<damage> damaged;
    std::size_t read() {
        damaged.clear();
        return batch_id_files(real_disk(), dir.path()).read(damaged).size();
    }
};

}  // namespace

TEST_CASE("a wrong byte among the ids of batches is named, where others were saved after them") {
    scene s;
    const auto text = text_of(s.file);
    for (std::size_t at = 0; at < s.ends[1]; ++at) {
        CAPTURE(at);
        damage_byte(s.file, at);
        CHECK(s.read() < 6);
        REQUIRE_FALSE(s.damaged.empty());
        CHECK(s.damaged.front().file == s.file);
        CHECK(s.damaged.front().offset <= at);
        write_file(s.file, text);
    }
}

TEST_CASE("ids of batches that a crash tore, wherever it did, are no damage") {
    scene s;
    const auto text = text_of(s.file);
    const auto from = s.ends[1];
    for (auto at = from; at < text.size(); ++at) {
        CAPTURE(at);
        write_file(s.file, text.substr(0, at));
        CHECK(s.read() >= 4);
        CHECK(s.damaged.empty());
        // Its first part did not get to the disk, and what follows did.
        auto hole = text;
        hole.replace(from, at - from, at - from, '\0');
        write_file(s.file, hole);
        CHECK(s.read() >= 4);
        CHECK(s.damaged.empty());
    }
}

TEST_CASE("ids of batches that the disk does not give back are named, though nothing behind them was read") {
    scene s;
    test::bad_places disk;
    disk.spoil(s.file, 0, s.ends[2]);
    CHECK(batch_id_files(disk, s.dir.path()).read(s.damaged).empty());
    REQUIRE(s.damaged.size() == 1);
    CHECK(s.damaged.front().file == s.file);
    CHECK(s.damaged.front().reason == "cannot be read from the disk");
}

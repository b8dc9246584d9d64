// A batch is remembered for the time and the room that were promised, no jump of it forgets one earlier, and
// one of another sender is another one.
#include "store/journal/batch_memory.hpp"

#include <catch2/catch.hpp>

using namespace distd;

namespace {

sender_batch batch(const std::string& id, const std::string& sender = "s", const std::string& content = "c") {
    return {id, sender, content, 1, 2};
}

}  // namespace

TEST_CASE("a batch is remembered by id and sender, with its lines") {
    batch_memory memory({});
    memory.add({"a", "one", "c1", 1, 2}, 0);
    memory.add({"a", "two", "c2", 3, 4}, 0);
    REQUIRE(memory.find("a", "one") != nullptr);
    CHECK(memory.find("a", "one")->content == "c1");
    CHECK(memory.find("a", "two")->first == 3);
    CHECK(memory.find("a", "three") == nullptr);
    CHECK(memory.find("b", "one") == nullptr);
}

TEST_CASE("a batch that was stored without a sender matches any sender") {
    batch_memory memory({});
    memory.add({"a", "", "", 1, 2}, 0);
    REQUIRE(memory.find("a", "one") != nullptr);
    CHECK(memory.find("a", "one")->content.empty());
}

TEST_CASE("a batch id is remembered for its whole time, however many others come") {
    batch_memory memory({.seconds = 900, .bytes = 64 << 20});
    memory.add(batch("first"), 0);
    for (int i = 0; i < 100'000; ++i) memory.add(batch("other-" + std::to_string(i)), 900);
    CHECK(memory.find("first", "s") != nullptr);
    memory.add(batch("later"), 901);
    CHECK(memory.find("first", "s") == nullptr);
    CHECK(memory.find("other-0", "s") != nullptr);
}

TEST_CASE("batches take no more memory than was set, and the oldest go first") {
    batch_memory memory({.seconds = 900, .bytes = 10'000});
    for (int i = 0; i < 1000; ++i) {
        memory.add(batch(std::to_string(i)), 0);
        REQUIRE(memory.bytes() <= 10'000);
    }
    CHECK(memory.size() > 20);
    CHECK(memory.find("999", "s") != nullptr);
    CHECK(memory.find("0", "s") == nullptr);
}

TEST_CASE("a batch that is taken back is forgotten") {
    batch_memory memory({});
    memory.add(batch("kept"), 1);
    const auto bytes = memory.bytes();
    memory.add(batch("refused"), 2);
    memory.add(batch("too"), 2);
    memory.take_back(2);
    CHECK(memory.find("refused", "s") == nullptr);
    CHECK(memory.bytes() == bytes);
    const auto newest = memory.newest(5);
    REQUIRE(newest.size() == 1);
    CHECK(newest[0].batch == batch("kept"));
    CHECK(newest[0].at == 1);
}

// Keys, directories and their indexes.
#include "role/registry/config/config_tree.hpp"

#include <catch2/catch.hpp>

#include "role/registry/config/config_rules.hpp"

using namespace distd::registry;

namespace {

config_entry entry(const std::string& key, std::uint64_t index, const char* value) {
    config_entry e{key, 1, index, 0, "text/plain", nullptr};
    if (value) e.value = std::make_shared<const std::string>(value);
    return e;
}

std::vector<std::string> keys_of(const config_tree& t, const std::string& directory) {
    std::vector<std::string> keys;
    for (const auto* e : t.list(directory)) keys.push_back(e->key);
    return keys;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a key of the configuration is a path of texts that are not empty and not dots") {
    for (const char* right : {"a", "a/b", "a/b/", "", "a.b/..c/d..", "Ünï/日本", "a b", "%41", "..."})
        CHECK(problem_with_config_path(right) == "");
    CHECK(problem_with_config_path(std::string(512, 'k')) == "");
    for (const char* wrong : {"/", "/a", "a//b", "a//", ".", "..", "a/./b", "a/..", "a\nb", "a\x7f", "\xff",
                              "\xc0\xaf", "\xed\xa0\x80"}) {
        INFO(wrong);
        CHECK(problem_with_config_path(wrong) != "");
    }
    CHECK_THAT(problem_with_config_path(std::string(513, 'k')), Catch::Contains("513"));
}

TEST_CASE("a directory lists what is below it, in order, and nothing beside it") {
    config_tree t;
    t.put(entry("app/b", 2, "x"));
    t.put(entry("app/a/c", 3, "x"));
    t.put(entry("app", 4, "x"));
    t.put(entry("application", 5, "x"));
    t.put(entry("app/gone", 6, "x"));
    t.put(entry("app/gone", 7, nullptr));
    CHECK(keys_of(t, "app/") == strings{"app/a/c", "app/b"});
    CHECK(keys_of(t, "app/a/") == strings{"app/a/c"});
    CHECK(keys_of(t, "nothing/").empty());
    CHECK(keys_of(t, "").size() == 4);
    CHECK(t.find("app/gone") == nullptr);
    CHECK(t.keys() == 4);
    CHECK(t.bytes() == 4 * (256 + 10 + 1) + 3 + 5 + 7 + 11);
}

TEST_CASE(
    "an index belongs to its key and the directories above it; a deletion counts, a neighbour does not") {
    config_tree t;
    CHECK(t.index_of("") == 1);
    CHECK(t.index_of("never/was") == 1);
    t.put(entry("a/b/c", 5, "x"));
    t.put(entry("a/d", 6, "x"));
    t.put(entry("a/b/c", 9, nullptr));
    CHECK(t.index_of("a/b/c") == 9);
    CHECK(t.index_of("a/b/") == 9);
    CHECK(t.index_of("a/d") == 6);
    CHECK(t.index_of("a/") == 9);
    CHECK(t.index_of("") == 9);
    CHECK(t.index_of("e/") == 1);
}

TEST_CASE("forgetting deletions never turns an index back") {
    config_tree t;
    t.put(entry("gone/x", 5, nullptr));
    t.put(entry("half/x", 7, nullptr));
    t.put(entry("half/y", 4, "y"));
    t.put(entry("later", 8, nullptr));
    t.forget(7);
    CHECK(t.index_of("gone/x") == 7);
    CHECK(t.index_of("gone/") == 7);
    CHECK(t.index_of("half/") == 7);
    CHECK(t.index_of("half/y") == 7);
    CHECK(t.index_of("later") == 8);
    CHECK(t.index_of("") == 8);
    CHECK(keys_of(t, "") == strings{"half/y"});
}

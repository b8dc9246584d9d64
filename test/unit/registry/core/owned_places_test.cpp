#include "role/registry/core/owned_places.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace distd::registry;

namespace {

std::set<std::string> at(const owned_places& o, const std::string& place) {
    std::set<std::string> urls;
    for (auto [i, end] = o.at(place); i != end; ++i) urls.insert(i->second);
    return urls;
}

}  // namespace

TEST_CASE("a place has those who own it, until they are elsewhere or own nothing") {
    owned_places o;
    o.put("http://a", "");
    CHECK(o.empty());
    o.put("http://a", "a 80");
    o.put("http://a/b", "a 80");
    o.put("http://a", "a 80");
    CHECK(at(o, "a 80") == std::set<std::string>{"http://a", "http://a/b"});
    o.put("http://a", "b 80");
    CHECK(at(o, "a 80") == std::set<std::string>{"http://a/b"});
    CHECK(at(o, "b 80") == std::set<std::string>{"http://a"});
    o.put("http://a", "");
    o.put("http://a/b", "");
    CHECK(o.empty());
    CHECK(at(o, "a 80").empty());
}

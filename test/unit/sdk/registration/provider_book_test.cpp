#include "sdk/registration/provider_book.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace distd;

namespace {
using urls = std::vector<std::string>;

patch added(const std::string& name, const std::string& url) { return {{{name, url}}, {}}; }
patch removed(const std::string& name, const std::string& url) { return {{}, {{name, url}}}; }
}  // namespace

TEST_CASE("a provider book has the added URLs by service, exactly as spelled") {
    provider_book book;
    CHECK(book.apply(added("Log Service", "localhost:4000")));
    CHECK(book.apply(added("Log Service", "http://localhost:4000/")));
    CHECK(book.list("Log Service") == urls{"localhost:4000", "http://localhost:4000/"});
    CHECK(book.has("Log Service"));
    CHECK_FALSE(book.has("LogService"));
    CHECK(book.list("LogService").empty());
}

TEST_CASE("an Added that is held already changes nothing") {
    provider_book book;
    CHECK(book.apply(added("A", "http://a")));
    CHECK_FALSE(book.apply(added("A", "http://a")));
    CHECK(book.list("A") == urls{"http://a"});
}

TEST_CASE("a Removed takes the instance away, and one that is not held changes nothing") {
    provider_book book;
    book.apply({{{"A", "http://a"}, {"A", "http://b"}}, {}});
    CHECK(book.apply(removed("A", "http://a")));
    CHECK_FALSE(book.apply(removed("A", "http://a")));
    CHECK_FALSE(book.apply(removed("B", "http://b")));
    CHECK(book.list("A") == urls{"http://b"});
    CHECK(book.apply(removed("A", "http://b")));
    CHECK_FALSE(book.has("A"));
}

TEST_CASE("an instance in both lists of a patch is present afterwards") {
    provider_book book;
    book.apply(added("A", "http://a"));
    book.apply({{{"A", "http://a"}}, {{"A", "http://a"}}});
    CHECK(book.list("A") == urls{"http://a"});
}

TEST_CASE("pick returns any of the instances, or nullopt") {
    provider_book book;
    CHECK_FALSE(book.pick("A", 0));
    book.apply({{{"A", "http://a"}, {"A", "http://b"}, {"A", "http://c"}}, {}});
    std::set<std::string> seen;
    for (std::uint64_t draw : {0ULL, 1ULL, 2ULL, 3ULL, ~0ULL}) seen.insert(book.pick("A", draw).value());
    CHECK(seen == std::set<std::string>{"http://a", "http://b", "http://c"});
}

TEST_CASE("doubted instances stay in use, and those that nothing confirms are dropped") {
    provider_book book;
    book.apply({{{"A", "http://a"}, {"A", "http://b"}, {"B", "http://c"}}, {}});
    book.doubt_all();
    CHECK(book.list("A") == urls{"http://a", "http://b"});
    CHECK_FALSE(book.apply(added("A", "http://b")));
    CHECK(book.drop_doubted());
    CHECK(book.list("A") == urls{"http://b"});
    CHECK_FALSE(book.drop_doubted());
}

TEST_CASE("a doubted instance is kept while no other of its service is confirmed") {
    provider_book book;
    book.apply(added("A", "http://old"));
    book.doubt_all();
    CHECK_FALSE(book.drop_doubted());
    CHECK(book.list("A") == urls{"http://old"});
    CHECK(book.apply(added("A", "http://new")));
    CHECK(book.list("A") == urls{"http://new"});
}

TEST_CASE("what a book holds has a bound, and what it held before stays in use") {
    provider_book book;
    const std::string long_url = "http://" + std::string(2000, 'a') + "/";
    book.apply(added("A", "http://a"));
    std::size_t taken = 0;
    while (book.apply(added("B", long_url + std::to_string(taken)))) ++taken;
    CHECK(taken * long_url.size() < provider_book::max_bytes);
    CHECK(taken > 1000);
    CHECK(book.passed_over() == 1);
    CHECK(book.list("A") == urls{"http://a"});
    CHECK_FALSE(book.apply(added("A", "http://a")));
    CHECK(book.passed_over() == 1);
    CHECK(book.apply(removed("B", long_url + "0")));
    CHECK(book.apply(added("B", long_url + "new")));
    for (std::size_t i = 1; i < taken; ++i) book.apply(removed("B", long_url + std::to_string(i)));
    book.apply(removed("B", long_url + "new"));
    book.apply(removed("A", "http://a"));
    for (std::size_t i = 0; i < taken; ++i) REQUIRE(book.apply(added("B", long_url + std::to_string(i))));
}

TEST_CASE("sixty thousand instances of one service are taken, and taken away, one by one") {
    provider_book book;
    const auto url = [](int i) { return "h:" + std::to_string(i); };
    patch all;
    for (int i = 0; i < 60'000; ++i) all.added.push_back({"A", url(i)});
    CHECK(book.apply(all));
    CHECK_FALSE(book.apply(all));
    CHECK(book.list("A").size() == 60'000);
}

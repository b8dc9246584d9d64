#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <list>

#include "net/resolver.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;
using boost::asio::ip::make_address;

namespace {

// Look-ups that a test answers when it likes.
struct phone_book {
    std::vector<std::pair<std::string, std::function<void(address_list)>>> asked;

    resolver::lookup lookup() {
        return [this](const std::string& host, std::function<void(address_list)> done) {
            asked.emplace_back(host, std::move(done));
        };
    }
    void answer(std::size_t i, address_list found) { asked.at(i).second(std::move(found)); }
};

struct fixture {
    boost::asio::io_context loop;
    test::fake_time time{loop};
    phone_book book;
    std::optional<resolver> names{std::in_place, time, book.lookup()};
    int told = 0;
    std::function<void()> tell = [this] { ++told; };
};

}  // namespace

TEST_CASE_METHOD(fixture, "addresses and localhost are known without asking") {
    CHECK(names->known("10.1.2.3")->value() == address_list{make_address("10.1.2.3")});
    CHECK(names->known("::1")->value() == address_list{make_address("::1")});
    CHECK(names->known("localhost")->value() == address_list{make_address("127.0.0.1"), make_address("::1")});
    CHECK_FALSE(names->known("log.example"));
    CHECK(book.asked.empty());
}

TEST_CASE_METHOD(fixture, "a name is looked up once for all who wait and remembered for a while") {
    resolver::question first(tell);
    resolver::question second(tell);
    REQUIRE(names->ask("log.example", first));
    REQUIRE(names->ask("log.example", second));
    CHECK(book.asked.size() == 1);
    book.answer(0, {make_address("10.0.0.1")});
    CHECK(told == 2);
    time.advance(resolver::keep_for - milliseconds(1));
    CHECK(names->known("log.example")->value() == address_list{make_address("10.0.0.1")});
    time.advance(milliseconds(1));
    CHECK_FALSE(names->known("log.example"));
}

TEST_CASE_METHOD(fixture, "a failure is remembered too, for a shorter while") {
    resolver::question q(tell);
    REQUIRE(names->ask("nobody.example", q));
    book.answer(0, {});
    CHECK(names->known("nobody.example")->error() == make_error_code(errc::unreachable));
    time.advance(resolver::keep_failure_for);
    CHECK_FALSE(names->known("nobody.example"));
}

TEST_CASE_METHOD(fixture, "one who stops waiting is not told, and what it asked is learned all the same") {
    {
        resolver::question gone(tell);
        REQUIRE(names->ask("log.example", gone));
    }
    book.answer(0, {make_address("10.0.0.1")});
    CHECK(told == 0);
    CHECK(names->known("log.example"));
}

TEST_CASE_METHOD(fixture, "an answer that comes after the resolver is gone does nothing") {
    resolver::question q(tell);
    REQUIRE(names->ask("log.example", q));
    names.reset();
    book.answer(0, {make_address("10.0.0.1")});
    CHECK(told == 0);
}

TEST_CASE_METHOD(fixture, "look-ups under way have a bound") {
    std::list<resolver::question> waiting;
    for (std::size_t i = 0; i < resolver::limits{}.lookups; ++i)
        REQUIRE(names->ask("host" + std::to_string(i), waiting.emplace_back(tell)));
    CHECK_FALSE(names->ask("one.more", waiting.emplace_back(tell)));
    CHECK(names->ask("host0", waiting.emplace_back(tell)));
    book.answer(0, {});
    CHECK(names->ask("one.more", waiting.emplace_back(tell)));
}

TEST_CASE_METHOD(fixture, "names remembered have a bound, and the oldest go first") {
    const auto learn = [&](const std::string& host) {
        resolver::question q(tell);
        REQUIRE(names->ask(host, q));
        book.asked.back().second({make_address("10.0.0.1")});
        time.advance(milliseconds(1));
    };
    for (std::size_t i = 0; i <= resolver::limits{}.names; ++i) learn("host" + std::to_string(i));
    CHECK_FALSE(names->known("host0"));
    CHECK(names->known("host1"));
    CHECK(names->known("host" + std::to_string(resolver::limits{}.names)));
}

TEST_CASE("the system's look-up answers later, on the loop, with what it knows") {
    boost::asio::io_context loop{1};
    std::optional<address_list> found;
    {
        auto look_up = system_lookup(loop.get_executor());
        look_up("localhost", [&](address_list list) { found = std::move(list); });
        CHECK_FALSE(found);
        loop.run();
    }
    REQUIRE(found);
    REQUIRE_FALSE(found->empty());
    CHECK(found->front().is_loopback());
}

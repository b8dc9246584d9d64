#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <list>

#include "http/client/resolver.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;
using boost::asio::ip::make_address;

namespace {

// Look-ups that a test answers when it likes.
struct phone_book {
    std::vector<std::pair<std::string, std::function<void(resolver::found)>>> asked;

    resolver::lookup lookup() {
        return [this](const std::string& host, std::function<void(resolver::found)> done) {
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
    void learn(const std::string& host, address_list addresses) {
        resolver::question q(tell);
        REQUIRE(names->ask(host, q));
        book.asked.back().second(std::move(addresses));
    }
    int told = 0;
    std::function<void()> tell = [this] { ++told; };
};

}  // namespace

TEST_CASE_METHOD(fixture, "addresses and localhost are known without asking") {
    CHECK(names->known("10.1.2.3")->value() == address_list{make_address("10.1.2.3")});
    CHECK(names->known("::1")->value() == address_list{make_address("::1")});
    for (const auto* name : {"localhost", "localhost.", "LocalHost", "cart.localhost", "a.b.localhost."})
        CHECK(names->known(name)->value() == address_list{make_address("127.0.0.1"), make_address("::1")});
    CHECK_FALSE(names->known("notlocalhost"));
    CHECK_FALSE(names->known("localhost.example"));
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
    CHECK(book.asked.size() == 1);
}

TEST_CASE_METHOD(fixture, "an old answer is shown while a new one is fetched, and replaced by it") {
    learn("log.example", {make_address("10.0.0.1")});
    time.advance(resolver::keep_for);
    for (int i = 0; i < 3; ++i)
        CHECK(names->known("log.example")->value() == address_list{make_address("10.0.0.1")});
    REQUIRE(book.asked.size() == 2);
    book.answer(1, {make_address("10.0.0.2")});
    CHECK(names->known("log.example")->value() == address_list{make_address("10.0.0.2")});
    time.advance(resolver::keep_for);
    CHECK(names->known("log.example"));
    book.answer(2, {});  // there is no such name any more
    CHECK(names->known("log.example")->error() == make_error_code(errc::unreachable));
}

TEST_CASE_METHOD(fixture, "an old answer is shown for as long as nobody can be asked, within a bound") {
    learn("log.example", {make_address("10.0.0.1")});
    time.advance(resolver::keep_for);
    const auto begin = time.now();
    while (time.now() - begin < resolver::show_old_for) {
        REQUIRE(names->known("log.example"));
        CHECK(names->known("log.example")->value() == address_list{make_address("10.0.0.1")});
        time.advance(seconds(10));  // the look-up takes long
        book.asked.back().second(errc::unreachable);
        const auto asked = book.asked.size();
        time.advance(resolver::keep_slow_failure_for - milliseconds(1));
        static_cast<void>(names->known("log.example"));
        CHECK(book.asked.size() == asked);
        time.advance(milliseconds(1));
    }
    CHECK_FALSE(names->known("log.example"));
}

TEST_CASE_METHOD(fixture,
                 "a name whose look-up hangs is asked for once, and its old answer is shown meanwhile") {
    learn("log.example", {make_address("10.0.0.1")});
    time.advance(resolver::keep_for);
    for (int i = 0; i < 100; ++i) {
        CHECK(names->known("log.example"));
        time.advance(seconds(1));
    }
    CHECK(book.asked.size() == 2);
}

TEST_CASE_METHOD(fixture, "a failure is remembered too, for a shorter while") {
    resolver::question q(tell);
    REQUIRE(names->ask("nobody.example", q));
    book.answer(0, {});
    CHECK(names->known("nobody.example")->error() == make_error_code(errc::unreachable));
    time.advance(resolver::keep_failure_for);
    CHECK_FALSE(names->known("nobody.example"));
    REQUIRE(names->ask("nobody.example", q));
    time.advance(resolver::slow_after);
    book.answer(1, {});
    time.advance(resolver::keep_slow_failure_for - milliseconds(1));
    CHECK(names->known("nobody.example"));  // what took long is not asked for so soon again
}

TEST_CASE_METHOD(fixture,
                 "one that stops waiting is not called back, and what it asked is learned all the same") {
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
    for (std::size_t i = 0; i <= resolver::limits{}.names; ++i) {
        learn("host" + std::to_string(i), {make_address("10.0.0.1")});
        time.advance(milliseconds(1));
    }
    CHECK_FALSE(names->known("host0"));
    CHECK(names->known("host1"));
    CHECK(names->known("host" + std::to_string(resolver::limits{}.names)));
}

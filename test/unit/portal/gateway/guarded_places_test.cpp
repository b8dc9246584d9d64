#include "role/portal/gateway/guarded_places.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "base/task_group.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::portal;
using boost::asio::ip::make_address;

namespace {

struct fixture {
    fixture() {
        places.guard({"http://registry.example:3000"});
        tasks.spawn("look up", [this] { return places.keep_looked_up(); });
        settle();
    }
    ~fixture() {
        core->stop();
        tasks.cancel();
        settle();
    }
    http::resolver::lookup book() {
        return [this](const std::string& host, std::function<void(http::address_list)> done) {
            asked.emplace_back(host, std::move(done));
        };
    }
    void settle() { time.advance(milliseconds(0)); }
    bool leads_there(const char* address, std::uint16_t port) const {
        return places.contains(boost::asio::ip::tcp::endpoint(make_address(address), port));
    }

    boost::asio::io_context loop{1};
    test::fake_time time{loop};
    metrics numbers;
    std::vector<std::pair<std::string, std::function<void(http::address_list)>>> asked;
    std::shared_ptr<http::client_core> core = std::make_shared<http::client_core>(
        http::client_setup(), loop.get_executor(), time, &numbers, book());
    guarded_places places{core};
    task_group tasks{loop.get_executor(), time};
};

}  // namespace

TEST_CASE_METHOD(fixture, "a guarded place is guarded as what its name stands for, at its port") {
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].first == "registry.example");
    asked[0].second({make_address("10.0.0.7"), make_address("127.0.0.1")});
    settle();
    CHECK(leads_there("10.0.0.7", 3000));
    CHECK(leads_there("::ffff:10.0.0.7", 3000));
    CHECK(leads_there("::1", 3000));  // this machine, as 127.0.0.1 is
    CHECK_FALSE(leads_there("10.0.0.7", 3001));
    CHECK_FALSE(leads_there("10.0.0.8", 3000));
}

TEST_CASE_METHOD(fixture, "what a name stood for stays guarded while it cannot be looked up") {
    asked[0].second({make_address("10.0.0.7")});
    settle();
    time.advance(http::resolver::keep_for + guarded_places::look_up_every);
    REQUIRE(asked.size() >= 2);
    asked[1].second({});
    settle();
    places.guard({"http://registry.example:3000", "http://127.0.0.1:4000"});
    CHECK(leads_there("10.0.0.7", 3000));
    CHECK(leads_there("127.0.0.1", 4000));
}

// Where a call leads, and where it may not.
#include "unit/http/client/call_fixture.hpp"

using namespace distd;
using namespace distd::http;
using boost::asio::ip::make_address;

TEST_CASE_METHOD(call_fixture, "nobody listening is unreachable, and no http URL a bad address") {
    std::uint16_t free_port = 0;
    { free_port = raw_server(loop, always(ok)).port(); }
    CHECK(post("http://127.0.0.1:" + std::to_string(free_port)) == text_of(errc::unreachable));
    CHECK(get("https://127.0.0.1/") == text_of(errc::bad_address));
    CHECK(get("http://u:p@127.0.0.1/") == text_of(errc::bad_address));
    CHECK(ended_as("unreachable") == 1);
    CHECK(ended_as("refused") == 2);
}

TEST_CASE_METHOD(call_fixture,
                 "an address that may not be called is not connected to, whatever name leads there") {
    raw_server server(loop, always(ok));
    may_connect = [](const auto& a) { return a != make_address("127.0.0.1"); };
    CHECK(get(server.url()) == text_of(errc::bad_address));

    const auto told = start(get_of("http://rebound.example:" + std::to_string(server.port()) + "/"));
    run_until([&] { return !asked.empty(); });
    asked.at(0).second({make_address("127.0.0.1")});
    run_until([&] { return !told->empty(); });
    CHECK(*told == text_of(errc::bad_address));
    CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(call_fixture,
                 "a name that has come to mean an address that may not be called is not followed there") {
    raw_server server(loop, always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    may_connect = [](const auto& a) { return a == make_address("127.0.0.1"); };
    const auto url = "http://rebound.example:" + std::to_string(server.port()) + "/";
    const auto call_led_to = [&](const char* address) {
        const auto told = start(get_of(url));
        run_until([&] { return !asked.empty(); });
        const auto answer = asked.back().second;
        asked.clear();
        answer({make_address(address)});
        run_until([&] { return !told->empty(); });
        return *told;
    };
    CHECK(call_led_to("127.0.0.1") == "200");
    time.advance(resolver::keep_for + resolver::show_old_for);
    CHECK(call_led_to("127.0.0.2") == text_of(errc::bad_address));
    CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(call_fixture, "of several addresses those that may be called are tried in their order") {
    raw_server server(loop, always(ok));
    std::vector<std::string> judged;
    may_connect = [&](const auto& a) {
        judged.push_back(a.to_string());
        return a.is_loopback();
    };
    const auto told = start(get_of("http://many.example:" + std::to_string(server.port()) + "/"));
    run_until([&] { return !asked.empty(); });
    asked.at(0).second({make_address("192.0.2.1"), make_address("127.0.0.9"), make_address("127.0.0.1")});
    run_until([&] { return !told->empty(); });
    CHECK(*told == "200");
    CHECK(judged == std::vector<std::string>{"192.0.2.1", "127.0.0.9", "127.0.0.1"});
}

TEST_CASE_METHOD(call_fixture,
                 "a name that is not found is unreachable, and one whose look-up hangs is in the end") {
    const auto unknown = start(get_of("http://nobody.example/"));
    run_until([&] { return asked.size() == 1; });
    asked[0].second({});
    run_until([&] { return !unknown->empty(); });
    CHECK(*unknown == text_of(errc::unreachable));

    const auto hanging = start(post_of("http://slow.example/"));
    time.advance(milliseconds(1050));
    CHECK(*hanging == text_of(errc::unreachable));
    asked.at(1).second({make_address("127.0.0.1")});  // nobody waits for it any more
    time.advance(milliseconds(0));
}

#include "http/server/request_input.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

using namespace distd::http;
using state = head_reader::state;

namespace {

const std::string get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string post_b = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";

void receive(request_input& in, std::string_view bytes) {
    REQUIRE(bytes.size() <= in.room().size());
    std::ranges::copy(bytes, in.room().begin());
    in.add(bytes.size());
}

}  // namespace

TEST_CASE("requests in one buffer are read one behind the other") {
    request_input in;
    request_head head;
    receive(in, post_b + "body" + get_a + "GET /c");
    REQUIRE(in.read_head(head) == state::complete);
    CHECK(head.path == "/b");
    CHECK(in.head() == post_b);
    CHECK(in.unread().starts_with("body"));
    in.consume(4);
    in.begin_next();
    REQUIRE(in.read_head(head) == state::complete);
    CHECK(head.path == "/a");
    CHECK(in.unread() == "GET /c");
    in.begin_next();
    REQUIRE(in.read_head(head) == state::incomplete);
    receive(in, " HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(in.read_head(head) == state::complete);
    CHECK(head.path == "/c");
    in.begin_next();
    CHECK_FALSE(in.has_next());
}

TEST_CASE("an incomplete head has all of the buffer, whatever was before it") {
    request_input in;
    request_head head;
    receive(in, get_a + "GET /b HTTP/1.1\r\n");
    REQUIRE(in.read_head(head) == state::complete);
    in.begin_next();
    REQUIRE(in.read_head(head) == state::incomplete);
    CHECK(in.room().size() == request_input::max_bytes - std::string("GET /b HTTP/1.1\r\n").size());
}

TEST_CASE("behind many requests a body finds room at the front") {
    request_input in;
    request_head head;
    std::string filling;
    while (filling.size() + get_a.size() + post_b.size() + 2 <= request_input::max_bytes) filling += get_a;
    receive(in, filling + post_b + "bo");
    for (auto size = filling.size(); size > 0; size -= get_a.size()) {
        REQUIRE(in.read_head(head) == state::complete);
        in.begin_next();
    }
    REQUIRE(in.read_head(head) == state::complete);
    CHECK(in.is_short_of_room());
    in.move_to_front(head);
    CHECK(head.path == "/b");
    CHECK_FALSE(in.is_short_of_room());
    CHECK(in.unread() == "bo");
    in.consume(2);
    CHECK(in.body_room().size() == request_input::max_bytes - post_b.size());
}

TEST_CASE("what comes behind a body is the next request, and nothing is left where nothing comes") {
    request_input in;
    request_head head;
    receive(in, post_b);
    REQUIRE(in.read_head(head) == state::complete);
    std::ranges::copy(std::string("body"), in.body_room().begin());
    in.add(4);
    in.consume(4);
    in.end_request();
    CHECK(head.path == "/b");  // stays until more comes
    in.begin_next();
    CHECK_FALSE(in.has_next());
}

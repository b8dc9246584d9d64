// What requests and answers have in common: the form of a head, and how its fields frame the message.
#include "http/message/message_head.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "http/message/client_answer.hpp"
#include "http/message/request_head.hpp"

using namespace distd::http;

namespace {

bool is_good_request(const std::string& fields) {
    head_reader reader;
    request_head head;
    return reader.read("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", head) ==
           head_reader::state::complete;
}

bool is_good_answer(const std::string& fields) {
    answer_reader reader(false, 1000);
    return reader.feed("HTTP/1.1 200 OK\r\nServer: a\r\n" + fields + "\r\n") != answer_reader::state::bad;
}

}  // namespace

TEST_CASE("what frames a request in an unclear way does so in an answer, too") {
    const auto fields = GENERATE(values<std::string>({
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 00000000000000000001\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding:\r\n",
        "A : b\r\n",
        ": b\r\n",
        "A b\r\n",
        "A: b\r\n c\r\n",
        "A: b\nB: c\r\n",
        "A: b\rc\r\n",
        "A: \x7f\r\n",
        "Connection: a b\r\n",
        "A: " + std::string(head_limits::head_bytes, 'x') + "\r\n",
    }));
    INFO(fields.substr(0, 80));
    CHECK_FALSE(is_good_request(fields));
    CHECK_FALSE(is_good_answer(fields));
}

TEST_CASE("what frames a request clearly does so in an answer, too") {
    const auto fields = GENERATE(values<std::string>({
        "",
        "Content-Length: 0\r\n",
        "content-length: \t7 \r\n",
        "Transfer-Encoding: Chunked\r\n",
        "Connection: keep-alive, , close\r\n",
        "A:\r\nB: \xe4\xff\r\n",
    }));
    INFO(fields);
    CHECK(is_good_request(fields));
    CHECK(is_good_answer(fields));
}

TEST_CASE("a head is scanned the same wherever it is cut, its first line is shown once") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
    for (std::size_t piece = 1; piece <= head.size(); ++piece) {
        head_scanner scanner;
        int first_lines = 0;
        auto now = head_scanner::state::incomplete;
        for (std::size_t have = 0; now != head_scanner::state::complete;) {
            have = std::min(have + piece, head.size());
            const auto bytes = std::string_view(head).substr(0, have);
            while ((now = scanner.scan(bytes)) == head_scanner::state::first_line) {
                CHECK(scanner.first_line(bytes) == "GET / HTTP/1.1");
                ++first_lines;
            }
            REQUIRE(now != head_scanner::state::refused);
        }
        CHECK(first_lines == 1);
        CHECK(scanner.size() == head.size());
    }
}

// Several bytes are looked at together: each byte at each place among them.
TEST_CASE("a control byte is found wherever it stands, all others are taken") {
    for (int c = 0; c < 256; ++c) {
        const auto byte = static_cast<char>(c);
        const bool is_control = (c < 0x20 && byte != '\t') || c == 0x7f;
        for (std::size_t at = 1; at < 20; ++at) {
            for (const char* before : {"x", "\t", "\xff"}) {
                std::string head = "G / HTTP/1.1\r\nAbcdefghijklmnopqrstuvwxyz\r\n\r\n";
                head[14 + at] = byte;
                if (at > 1) head[13 + at] = *before;
                head_scanner scanner;
                REQUIRE(scanner.scan(head) == head_scanner::state::first_line);
                const auto expected =
                    is_control ? head_scanner::state::refused : head_scanner::state::complete;
                if (scanner.scan(head) != expected) FAIL("byte " << c << " at " << at);
            }
        }
    }
}

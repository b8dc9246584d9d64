#include <catch2/catch.hpp>

#include "http/message/client_answer.hpp"

using distd::http::answer_reader;
namespace head_limits = distd::http::head_limits;
using state = answer_reader::state;

namespace {

constexpr std::size_t limit = 1000;

state read(answer_reader& reader, std::string_view text, std::size_t piece_bytes) {
    auto now = state::need_more;
    for (std::size_t i = 0; i < text.size() && now == state::need_more; i += piece_bytes)
        now = reader.feed(text.substr(i, piece_bytes));
    return now;
}

state verdict_on(std::string_view text, bool answers_head = false) {
    answer_reader bytewise(answers_head, limit);
    answer_reader whole(answers_head, limit);
    const auto now = read(whole, text, text.size());
    CHECK(read(bytewise, text, 1) == now);
    return now;
}

std::string with_fields(std::string_view fields) {
    return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n";
}

bool keeps_alive(std::string_view text) {
    answer_reader reader(false, limit);
    REQUIRE(reader.feed(text) == state::done);
    return reader.leaves_connection_usable();
}

}  // namespace

TEST_CASE("an answer is read the same wherever it is cut") {
    const auto& text = GENERATE(values<std::string>({
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b c \r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nX-A: b c\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "2;x\r\nhe\r\n3\r\nllo\r\n0\r\nT: r\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
        "HTTP/1.1 200 \r\nx-a: b c\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200\r\nX-A: b c\r\nContent-Length: 5\r\n\r\nhello",
    }));
    for (std::size_t piece_bytes = 1; piece_bytes <= text.size(); ++piece_bytes) {
        answer_reader reader(false, limit);
        CHECK_FALSE(reader.has_begun());
        REQUIRE(read(reader, text, piece_bytes) == state::done);
        CHECK(reader.has_begun());
        CHECK(reader.leaves_connection_usable());
        const auto answer = reader.take();
        CHECK(answer.status == 200);
        CHECK(answer.headers.find("X-A") == "b c");
        CHECK_FALSE(answer.headers.contains("Link"));
        CHECK(answer.body == "hello");
    }
}

TEST_CASE("answers without a body end with their head") {
    CHECK(verdict_on("HTTP/1.1 204 No Content\r\n\r\n") == state::done);
    CHECK(verdict_on("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") == state::done);
    CHECK(verdict_on("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", true) == state::done);
    CHECK(verdict_on("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true) == state::done);
    CHECK(verdict_on("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == state::done);
}

TEST_CASE("without a length the answer ends when the peer closes, and only then") {
    answer_reader reader(false, limit);
    CHECK(reader.feed(with_fields("") + "abc") == state::need_more);
    CHECK(reader.feed("def") == state::need_more);
    CHECK(reader.end_of_stream() == state::done);
    CHECK_FALSE(reader.leaves_connection_usable());
    CHECK(reader.take().body == "abcdef");

    for (const auto* cut : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n"}) {
        answer_reader partial(false, limit);
        CHECK(partial.feed(cut) == state::need_more);
        CHECK(partial.end_of_stream() == state::bad);
    }
}

TEST_CASE("a connection is used again only when both sides mean it and nothing is left over") {
    CHECK(keeps_alive("HTTP/1.1 204 No\r\n\r\n"));
    CHECK(keeps_alive("HTTP/1.0 204 No\r\nConnection: foo, Keep-Alive\r\n\r\n"));
    CHECK_FALSE(keeps_alive("HTTP/1.0 204 No\r\n\r\n"));
    CHECK_FALSE(keeps_alive("HTTP/1.1 204 No\r\nConnection: foo , Close\r\n\r\n"));
    CHECK_FALSE(keeps_alive("HTTP/1.1 204 No\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"));
    CHECK_FALSE(keeps_alive("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"));
    CHECK_FALSE(keeps_alive("HTTP/1.1 200 No\r\nContent-Length: 1\r\n\r\nab"));
}

TEST_CASE("framing that could be misread is refused") {
    const auto fields = GENERATE(values<std::string_view>({
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 1 1\r\n",
        "Content-Length: 00000000000000000001\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: \vchunked\r\n",
    }));
    CHECK(verdict_on(with_fields(fields)) == state::bad);
    CHECK(verdict_on(with_fields(fields), true) == state::bad);
}

TEST_CASE("a head that breaks the rules is refused") {
    using namespace std::string_view_literals;
    const auto text = GENERATE(values<std::string_view>({
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\r\nHTTP/1.1 200 OK\r\n",
        " HTTP/1.1 200 OK\r\n",
        "HTTP/2 200\r\n",
        "http/1.1 200 OK\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 20\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\r\n",
        "HTTP/1.1 200 OK\r\nA: b\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\tA: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \0\r\n"sv,
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    }));
    CHECK(verdict_on(text) == state::bad);
}

TEST_CASE("head, fields, interim answers and body have bounds") {
    const auto head_of = [](std::size_t size) {
        const auto rest = with_fields("A: \r\n").size();
        return with_fields("A: " + std::string(size - rest, 'x') + "\r\n");
    };
    CHECK(verdict_on(head_of(head_limits::head_bytes)) == state::need_more);
    CHECK(verdict_on(head_of(head_limits::head_bytes + 1)) == state::bad);

    std::string fields;
    for (std::size_t i = 0; i < head_limits::field_count; ++i) fields += "A: b\r\n";
    CHECK(verdict_on(with_fields(fields)) == state::need_more);
    CHECK(verdict_on(with_fields(fields + "A: b\r\n")) == state::bad);

    std::string interim;
    for (int i = 0; i < answer_reader::max_interim_answers; ++i) interim += "HTTP/1.1 102 Wait\r\n\r\n";
    CHECK(verdict_on(interim + "HTTP/1.1 204 No\r\n\r\n") == state::done);
    CHECK(verdict_on(interim + "HTTP/1.1 102 Wait\r\n\r\n") == state::bad);

    const std::string full(limit, 'x');
    CHECK(verdict_on(with_fields("Content-Length: 1000\r\n") + full) == state::done);
    CHECK(verdict_on(with_fields("Content-Length: 1001\r\n")) == state::bad);
    CHECK(verdict_on(with_fields("Content-Length: 9999999999999999999\r\n")) == state::bad);
    CHECK(verdict_on(with_fields("") + full) == state::need_more);
    CHECK(verdict_on(with_fields("") + full + "x") == state::bad);
    const auto chunked = with_fields("Transfer-Encoding: chunked\r\n");
    CHECK(verdict_on(chunked + "3e8\r\n" + full + "\r\n0\r\n\r\n") == state::done);
    CHECK(verdict_on(chunked + "3e9\r\n") == state::bad);
    CHECK(verdict_on(chunked + "3e8\r\n" + full + "\r\n1\r\n") == state::bad);
}

TEST_CASE("of a failure the beginning of the body is kept where that is asked for, of a success none") {
    const auto kept_of = [](const std::string& status, std::size_t bytes) {
        answer_reader reader(false, 4096, answer_reader::keep::failures);
        const auto text = "HTTP/1.1 " + status + " X\r\nContent-Length: " + std::to_string(bytes) +
                          "\r\n\r\n" + std::string(bytes, 'x');
        REQUIRE(read(reader, text, 700) == state::done);
        auto reply = reader.take();
        CHECK(reply.headers.empty());
        return reply.body.size();
    };
    CHECK(kept_of("200", 2000) == 0);
    CHECK(kept_of("503", 10) == 10);
    CHECK(kept_of("503", 3000) == answer_reader::kept_of_failure);
}

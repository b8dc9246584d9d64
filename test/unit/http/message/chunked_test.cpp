#include <catch2/catch.hpp>
#include <string>

#include "http/message/chunked.hpp"

using distd::http::chunked_decoder;
using state = chunked_decoder::state;

namespace {

struct decoded {
    state now = state::need_more;
    std::string body;
    std::string rest;  // what belongs to the next message
};

// Feeds the text in pieces of the given size.
decoded decode(std::string_view text, std::size_t piece_bytes = 1'000'000) {
    chunked_decoder decoder;
    decoded out;
    while (!text.empty() && out.now == state::need_more) {
        auto piece = text.substr(0, piece_bytes);
        text.remove_prefix(piece.size());
        while (!piece.empty() && out.now == state::need_more) {
            const auto step = decoder.feed(piece);
            out.now = step.now;
            out.body += step.piece;
            piece.remove_prefix(step.consumed);
        }
        if (out.now == state::done) out.rest = std::string(piece) + std::string(text);
    }
    return out;
}

std::string trailer_of(std::size_t size) {
    return "0\r\n" + ("T:" + std::string(size - 2, 'x')) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("chunks become one body, wherever the input is cut") {
    const std::string text =
        "5\r\nhello\r\n1;name=\"quoted; text\"\r\n,\r\n00000000000000C;ext\r\n distributed\r\n"
        "0\r\nX-Sum: 1\r\nServer:\r\n\r\nGET / HTTP/1.1";
    for (std::size_t piece_bytes = 1; piece_bytes <= text.size(); ++piece_bytes) {
        const auto out = decode(text, piece_bytes);
        CHECK(out.now == state::done);
        CHECK(out.body == "hello, distributed");
        CHECK(out.rest == "GET / HTTP/1.1");
    }
}

TEST_CASE("pieces are views of the input, not copies") {
    const std::string text = "3\r\nabc\r\n";
    chunked_decoder decoder;
    const auto step = decoder.feed(text);
    CHECK(step.piece.data() == text.data() + 3);
    CHECK(step.consumed == 6);
}

TEST_CASE("what a size line announced is known before the data comes") {
    chunked_decoder decoder;
    CHECK(decoder.feed("ffffffffffffffff\r\n").now == state::need_more);
    CHECK(decoder.chunk_left() == ~std::uint64_t{0});
    CHECK(decoder.feed("abc").piece == "abc");
    CHECK(decoder.chunk_left() == ~std::uint64_t{0} - 3);
}

TEST_CASE("an incomplete body is never done") {
    const std::string text = "3\r\nabc\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK(decode(text.substr(0, size)).now == state::need_more);
    CHECK(decode(text).now == state::done);
}

TEST_CASE("framing that two parties could read differently is refused") {
    using namespace std::string_view_literals;
    const auto text = GENERATE(values<std::string_view>({
        "\r\n",
        "g\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x1\r\n",
        " 1\r\n",
        "1 \r\n",
        "1\t\r\n",
        "1_0\r\n",
        ";x\r\n",  // sizes
        "00000000000000001\r\n",
        "10000000000000000\r\n",
        "1\na",
        "1\r\ra",
        "1\r\n\r\n",
        "1\r\nab",
        "1\r\na\n0",
        "1\r\na\r\r",
        "1\r\na\r0",  // line ends
        "1;a\nb\r\n",
        "1;a\rb\r\n",
        "1;a\0\r\n"sv,
        "1;\x7f\r\n",  // extensions
        "0\r\n\n",
        "0\r\n\ra",
        "0\r\n A: b\r\n",
        "0\r\n: b\r\n",
        "0\r\nA b\r\n",
        "0\r\nA\r\n",
        "0\r\nA : b\r\n",
        "0\r\nA: b\n",
        "0\r\nA: b\r\r",
        "0\r\nA: b\r\n c\r\n",
        "0\r\nA: \0\r\n"sv,
        "0\r\nA: b\r\n\r\r",  // trailers
    }));
    CHECK(decode(text).now == state::bad);
    CHECK(decode(text, 1).now == state::bad);
}

TEST_CASE("extensions and trailers have a bound over the whole message") {
    const std::string half(chunked_decoder::extension_bytes / 2 - 1, 'x');
    CHECK(decode("1;" + half + "\r\na\r\n0;" + half + "\r\n\r\n").now == state::done);
    CHECK(decode("1;" + half + "\r\na\r\n0;" + half + "x\r\n\r\n").now == state::bad);
    CHECK(decode(trailer_of(chunked_decoder::trailer_bytes)).now == state::done);
    CHECK(decode(trailer_of(chunked_decoder::trailer_bytes + 1)).now == state::bad);
}

TEST_CASE("a decoder that saw something bad, or the end, takes nothing more") {
    chunked_decoder broken;
    CHECK(broken.feed("x").now == state::bad);
    CHECK(broken.feed("0\r\n\r\n").now == state::bad);
    chunked_decoder done;
    CHECK(done.feed("0\r\n\r\n").now == state::done);
    const auto after = done.feed("0\r\n\r\n");
    CHECK(after.now == state::done);
    CHECK(after.consumed == 0);
}

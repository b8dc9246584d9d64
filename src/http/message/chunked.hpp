// The chunked transfer coding, written and read. It is decoded as it arrives, strictly: whatever two parties
// could read differently is refused. Sizes are 1 to 16 hex digits, lines end in CRLF, data is followed by
// CRLF exactly. Extensions and trailers are checked for their form, counted against a bound and dropped.
// Pure, and copies nothing: pieces are views of the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace distd::http {

// "1f\r\n": a chunk's first line. Behind its bytes it has a line end, too.
void append_chunk_size(std::string& out, std::size_t bytes);
// A whole chunk; `piece` is not empty, as an empty one would be the last.
void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

class chunked_decoder {
public:
    static constexpr std::size_t max_size_digits = 16;
    static constexpr std::size_t extension_bytes = 4 * 1024;  // of all chunks of a message
    static constexpr std::size_t trailer_bytes = 8 * 1024;

    enum class state : std::uint8_t { need_more, done, bad };

    struct step {
        state now;
        std::string_view piece;  // of the body; part of the input
        std::size_t consumed;    // from the input's beginning, the piece included
    };

    // Goes on to the end of the next piece of data, of the message or of the input. Call it again with what
    // is left of the input until it consumed all, or says `done`; what then is left belongs to the next
    // message.
    [[nodiscard]] step feed(std::string_view input) noexcept;

    // Bytes of the chunk at hand that its size line announced and that were not fed yet.
    [[nodiscard]] std::uint64_t chunk_left() const noexcept { return left_; }

private:
    enum class at : std::uint8_t {
        size_begin,
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_begin,
        trailer_name,
        trailer_value,
        trailer_lf,
        end_lf,
        done,
        bad,
    };

    [[nodiscard]] at next(char c) noexcept;
    [[nodiscard]] at take_size_digit(char c) noexcept;
    [[nodiscard]] at take_extension(char c) noexcept;
    [[nodiscard]] at take_trailer(char c) noexcept;

    std::uint64_t left_ = 0;  // of the chunk's data
    std::uint16_t extension_seen_ = 0;
    std::uint16_t trailer_seen_ = 0;
    std::uint8_t size_digits_ = 0;
    at at_ = at::size_begin;
};

}  // namespace distd::http

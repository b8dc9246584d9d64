// The chunked decoder on anything: views stay inside the input, and where the input is cut does not matter.
#include <cstdint>
#include <string>

#include "http/message/chunked.hpp"
#include "require.hpp"

using distd::test::require;

using distd::http::chunked_decoder;

namespace {

struct outcome {
    chunked_decoder::state now = chunked_decoder::state::need_more;
    std::string body;
    std::size_t consumed = 0;

    bool operator==(const outcome&) const = default;
};

outcome decode(std::string_view text, std::size_t piece_bytes) {
    chunked_decoder decoder;
    outcome out;
    for (std::size_t begin = 0; begin < text.size(); begin += piece_bytes) {
        auto piece = text.substr(begin, piece_bytes);
        while (!piece.empty() && out.now == chunked_decoder::state::need_more) {
            const auto step = decoder.feed(piece);
            require(step.consumed <= piece.size() && step.piece.size() <= step.consumed);
            require(step.consumed > 0);  // or it would never end
            if (!step.piece.empty()) require(step.piece.data() >= piece.data());
            out.now = step.now;
            out.body += step.piece;
            out.consumed += step.consumed;
            piece.remove_prefix(step.consumed);
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto whole = decode(text, text.size() + 1);
    require(decode(text, 1) == whole);
    require(decode(text, 3) == whole);
    return 0;
}

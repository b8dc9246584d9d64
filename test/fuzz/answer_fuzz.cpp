// The reader of answers on anything: no crash, its bounds hold, and neither where the input is cut nor what
// is kept of it matters to what is refused.
#include <cstdint>

#include "http/message/client_answer.hpp"
#include "require.hpp"

using distd::test::require;

using distd::http::answer_reader;
using state = answer_reader::state;

namespace {

constexpr std::size_t limit = 100;

state read(answer_reader& reader, std::string_view text, std::size_t piece_bytes) {
    auto now = state::need_more;
    for (std::size_t i = 0; i < text.size() && now == state::need_more; i += piece_bytes)
        now = reader.feed(text.substr(i, piece_bytes));
    return now == state::need_more ? reader.end_of_stream() : now;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const bool answers_head : {false, true}) {
        answer_reader whole(answers_head, limit);
        answer_reader bytewise(answers_head, limit);
        const auto now = read(whole, text, size + 1);
        answer_reader status_only(answers_head, limit, answer_reader::keep::status);
        require(read(bytewise, text, 1) == now);
        require(read(status_only, text, size + 1) == now);
        require(status_only.leaves_connection_usable() == whole.leaves_connection_usable());
        const auto answer = whole.take();
        if (now != state::done) continue;
        require(answer.status >= 200 && answer.status < 600);
        require(answer.body.size() <= limit && (!answers_head || answer.body.empty()));
        require(answer.body == bytewise.take().body);
        const auto bare = status_only.take();
        require(bare.status == answer.status && bare.body.empty() && bare.headers.empty());
    }
    return 0;
}

// The reader of answers that are passed on, on anything: every piece lies in the input, nothing behind the
// answer's end is taken, and where the input is cut does not matter to what a client would see.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "http/message/client_answer.hpp"
#include "require.hpp"

using distd::test::require;

using distd::http::answer_reader;
using state = answer_reader::state;

namespace {

struct passed_on {
    state now = state::need_more;
    int status = 0;
    std::string fields;
    std::string body;
    std::size_t consumed = 0;
    bool is_usable = false;

    bool operator==(const passed_on&) const = default;
};

void note_head(passed_on& seen, const answer_reader& reader) {
    seen.status = reader.status();
    require(seen.status >= 101 && seen.status < 600);
    for (const auto& f : reader.fields()) {
        require(f.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
        ((seen.fields += f.name) += ':') += f.value;
    }
}

// One piece of the input, as `upstream` takes it apart; false when there is nothing more to read.
bool take_piece(passed_on& seen, answer_reader& reader, std::string_view piece) {
    while (!piece.empty()) {
        const bool had_head = reader.has_head();
        const auto s = reader.next(piece);
        seen.now = s.now;
        if (s.now == state::bad) return false;
        require(s.consumed <= piece.size() && s.piece.size() <= s.consumed);
        if (!s.piece.empty())
            require(s.piece.data() >= piece.data() &&
                    s.piece.data() + s.piece.size() <= piece.data() + s.consumed);
        if (!had_head && reader.has_head()) note_head(seen, reader);
        seen.body += s.piece;
        seen.consumed += s.consumed;
        piece.remove_prefix(s.consumed);
        if (s.now == state::done) return false;
        require(s.consumed > 0);  // or it would never end
    }
    return true;
}

passed_on pass_on(std::string_view text, std::size_t piece_bytes, bool asks_head, bool allows_upgrade) {
    answer_reader reader(asks_head, std::numeric_limits<std::size_t>::max());
    if (allows_upgrade) reader.allow_upgrade();
    passed_on seen;
    bool goes_on = true;
    for (std::size_t at = 0; at < text.size() && goes_on; at += piece_bytes)
        goes_on = take_piece(seen, reader, text.substr(at, piece_bytes));
    if (seen.now == state::need_more) seen.now = reader.end_of_stream();
    if (seen.now == state::bad) {
        // What came before may have been passed on already, as much of it as came.
        seen = {};
        seen.now = state::bad;
        return seen;
    }
    if (seen.status == 101) require(allows_upgrade);
    if (asks_head || seen.status == 204 || seen.status == 304) require(seen.body.empty());
    seen.is_usable = reader.leaves_connection_usable();
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool asks_head = (data[0] & 1) != 0;
    const bool allows_upgrade = (data[0] & 2) != 0;
    const std::size_t step = 2 + (data[0] >> 2);
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = pass_on(text, std::max<std::size_t>(1, text.size()), asks_head, allows_upgrade);
    require(pass_on(text, 1, asks_head, allows_upgrade) == whole);
    require(pass_on(text, step, asks_head, allows_upgrade) == whole);
    return 0;
}

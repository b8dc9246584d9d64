// What the command line follows (logs -f, events -f, config watch), on anything that a role may send: where
// the stream is cut does not matter, an event is no larger than what came, the work is bounded, and of what
// an event says nothing reaches a terminal that could steer it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/terminal.hpp"
#include "client/system/event_text.hpp"
#include "client/verbs/event_rows.hpp"
#include "client/verbs/log_request.hpp"
#include "client/verbs/log_rows.hpp"
#include "cost.hpp"
#include "ops/answers/config_answers.hpp"
#include "ops/answers/registry_answers.hpp"

using namespace distd::ops;
using namespace distd::ops::client;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_same(const stream_event& a, const stream_event& b) {
    return a.id == b.id && a.name == b.name && a.data == b.data;
}

std::vector<stream_event> events_in(std::string_view text, std::size_t piece_bytes) {
    event_reader reader;
    std::vector<stream_event> out;
    for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
        reader.feed(text.substr(at, piece_bytes));
        while (auto e = reader.next()) out.push_back(*std::move(e));
        require(!reader.is_too_large());
    }
    return out;
}

// Lines end where we end them; every other control character would be from outside.
void require_harmless(const std::string& printed) {
    for (const char c : printed) require(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
    for (std::size_t at = printed.find('\xC2'); at != printed.npos; at = printed.find('\xC2', at + 1))
        require(at + 1 == printed.size() || static_cast<unsigned char>(printed[at + 1]) >= 0xA0);  // C1
}

void print(const stream_event& e) {
    output_style to_terminal;
    to_terminal.to = {.is_terminal = true, .has_colours = false, .has_utf8 = true, .columns = 80};
    const distd::wall_point now{};
    for (const auto form : {log_form::brief, log_form::message})
        require_harmless(log_rows(form, to_terminal).row(e.data, now));
    static_cast<void>(number_of_line(e.data));
    if (const auto list = read_events("[" + e.data + "]"))
        for (const auto& one : *list) require_harmless(event_line(one, *list, to_terminal, now));
    static_cast<void>(read_config_keys(e.data.starts_with('[') ? e.data : "[" + e.data + "]"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<stream_event> whole;
    {
        const distd::test::heap_use used;
        whole = events_in(text, text.size() + 1);
        // Each event repeats the id before it, so an id may be there as often as there are events.
        if (text.find("id") == text.npos) used.require_at_most(128, size);
    }
    for (const std::size_t piece : {std::size_t(1), std::size_t(7)}) {
        const auto in_pieces = events_in(text, piece);
        require(in_pieces.size() == whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) require(is_same(in_pieces[i], whole[i]));
    }
    std::size_t said = 0;
    for (const auto& e : whole) {
        require(e.data.size() <= size && e.id.size() <= size);
        require(e.data.find('\0') == e.data.npos || text.find('\0') != text.npos);
        said += e.data.size();
        print(e);
    }
    require(said <= size);
    return 0;
}

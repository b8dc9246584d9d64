// The journal's text: whatever lies in a file, the search for batches stays inside it and comes to an end,
// and so does that for what is on a doublewrite file. And whatever is sent as a record, what is stored of it
// is one line that is read back.
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "role/log/intake/batch.hpp"
#include "role/log/search/query.hpp"
#include "store/journal/doublewrite_file.hpp"
#include "store/journal/segment_format.hpp"

using distd::test::require;

namespace {

void search_for_batches(std::string_view text) {
    std::size_t from = 0;
    while (const auto b = distd::find_batch(text, from)) {
        require(b->start >= from && b->start <= b->lines_end && b->lines_end < b->end &&
                b->end <= text.size());
        if (b->sound) require(b->trailer.bytes == b->lines_end - b->start);
        from = b->end;
    }
    static_cast<void>(distd::parse_head(text.substr(0, text.find('\n'))));
}

void search_pad(std::string_view text) {
    std::size_t bytes = 0;
    for (const auto& e : distd::doublewrite_file::entries_in(text)) bytes += e.bytes.size();
    require(bytes <= text.size());
}

// What was rendered comes back from a journal's text, also behind any rubbish that ends its line.
void write_and_read_back(const distd::logs::batch& b, std::string_view rubbish) {
    std::string numbered;
    std::uint64_t seq = 7;
    for (std::string_view rest = b.lines; !rest.empty(); ++seq) {
        const auto line = rest.substr(0, rest.find('\n') + 1);
        require(!line.empty());
        const auto start = numbered.size();
        distd::append_numbered(numbered, seq, line);
        const auto stored = distd::logs::read_stored_line(std::string_view(numbered).substr(start));
        require(stored && stored->seq == seq);
        rest.remove_prefix(line.size());
    }
    require(seq - 7 == b.accepted);
    std::string text(rubbish);
    text += '\n';
    const auto start = text.size();
    text += numbered;
    distd::batch_trailer trailer{.first = 7, .lines = b.accepted, .synced = start, .at = 3};
    trailer.ids = {{"id", "::1", "9f86", 7, b.accepted}, {"other", "", "", 7, 0}};
    text += distd::render_trailer(trailer, numbered);
    const auto found = distd::find_batch(text, start);
    require(found && found->sound && found->start == start && found->trailer.lines == b.accepted &&
            found->trailer.synced == start && found->trailer.ids == trailer.ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    constexpr std::int64_t now = 1'800'000'000'000'000'000;
    search_for_batches(text);
    search_pad(text);
    write_and_read_back(distd::logs::read_json_lines(text, now), text);
    write_and_read_back(distd::logs::read_json_document(text, now), text);
    distd::logs::batch one;
    distd::logs::append_text_record(one.lines, text, now);
    one.accepted = 1;
    write_and_read_back(one, text);
    return 0;
}

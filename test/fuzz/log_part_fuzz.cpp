// Blocks of parts: whatever a head and a body say of themselves, also when every checksum fits, reading them
// ends, stays inside them and gives lines or a reason. And every line that is put into a block comes out as
// it was.
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "role/log/search/block_search.hpp"
#include "role/log/search/tally.hpp"
#include "role/log/storage/block_builder.hpp"
#include "role/log/storage/block_reader.hpp"
#include "role/log/storage/part_format.hpp"

using distd::test::require;

namespace {

using namespace distd::logs;

void read_as_block(std::string_view data) {
    const auto head_bytes =
        std::min<std::size_t>(data.size(), data.empty() ? 0 : 1 + 4 * std::size_t(data[0] & 127));
    try {
        auto head = parse_block_head(data.substr(0, head_bytes));
        const auto body = data.substr(head_bytes);
        for (auto& c : head.columns)
            for (auto& p : c.pieces)
                if (p.offset + p.packed <= body.size()) p.crc = checksum(body.substr(p.offset, p.packed));
        const piece_source source = [&](const piece& p) {
            return std::string(p.offset > body.size() ? "" : body.substr(p.offset, p.packed));
        };
        block_reader reader(head, source);
        tally counts({true, true, 1'000'000});
        const search_budget budget(distd::real_time());
        work_meter meter(budget);
        counts.add_rows(reader, matching_rows(reader, {}, {0, head.rows}, meter).rows);
        static_cast<void>(counts.add_whole(head));
        std::string line;
        for (std::size_t row = 0; row < std::min<std::size_t>(head.rows, 64); ++row)
            reader.append_line(line, row);
    } catch (const damaged_bytes&) {}
}

void read_as_end(std::string_view data) {
    try {
        static_cast<void>(is_part_start(data));
        static_cast<void>(read_block_start(data));
        static_cast<void>(read_part_end(data.substr(0, part_end_bytes)));
    } catch (const damaged_bytes&) {}
}

void write_and_read_back(std::string_view text) {
    std::vector<std::string> lines;
    block_builder builder;
    for (std::uint64_t seq = 1; !text.empty() && lines.size() < 100; ++seq) {
        lines.emplace_back(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
        builder.add(seq, lines.back());
    }
    if (builder.empty()) return;
    const auto b = builder.take();
    const auto head = parse_block_head(render_block_head(b.head));
    const piece_source source = [&](const piece& p) { return b.body.substr(p.offset, p.packed); };
    block_reader reader(head, source);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string line;
        reader.append_line(line, i);
        require(line == lines[i]);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    read_as_block(text);
    read_as_end(text);
    write_and_read_back(text);
    return 0;
}

// Any bytes as a table, in pieces: it is read or refused with a line, the same way whatever the pieces are,
// and every cell can be written and read again.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "require.hpp"
#include "role/grading/core/csv.hpp"

using distd::test::require;

namespace {

using distd::grading::csv_reader;

std::vector<csv_reader::record> read(std::string_view text, std::size_t step) {
    csv_reader reader(4096);
    std::vector<csv_reader::record> all;
    const auto keep = [&](std::vector<csv_reader::record> found) {
        std::move(found.begin(), found.end(), std::back_inserter(all));
    };
    for (std::size_t i = 0; i < text.size(); i += step) keep(reader.feed(text.substr(i, step)));
    keep(reader.finish());
    return all;
}

bool same(const std::vector<csv_reader::record>& a, const std::vector<csv_reader::record>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.line == y.line && x.cells == y.cells; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto records = read(text, 1);
    require(same(records, read(text, std::max<std::size_t>(1, size))));
    for (const auto& r : records) {
        for (const auto& cell : r.cells) {
            std::string line = "x,";
            distd::grading::append_text_cell(line, cell);
            const auto again = read(line, 7);
            if (line.size() > 4096) continue;
            require(again.size() == 1 && distd::grading::plain_cell(again[0].cells.at(1)) == cell);
        }
    }
    return 0;
}

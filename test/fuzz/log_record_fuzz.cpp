// Any bytes as JSON: our scanner and the parser with the tree agree on what is JSON, save for strings that
// the scanner mends, and what the scanner writes again means the same, at most six times as long: a DEL
// becomes \u007f. As a record it costs memory in proportion.
#include <cstdint>
#include <string>
#include <string_view>

#include <distd/json.hpp>

#include "base/utf8.hpp"
#include "cost.hpp"
#include "require.hpp"
#include "role/log/intake/record.hpp"
#include "role/log/line/json_scan.hpp"

using distd::test::require;

namespace {

constexpr std::size_t max_growth = 6;

// Numbers are kept as they were sent; the tree rounds some, and refuses some that are too large for it.
bool has_hard_numbers(std::string_view text) {
    return text.find_first_of(".eE") != std::string_view::npos ||
           text.find("00000000000000000") != std::string_view::npos || text.size() > 4000;
}

// Not UTF-8, or perhaps half of a surrogate pair.
bool may_be_mended(std::string_view text) {
    return !distd::is_utf8(text) || text.find("\\ud") != std::string_view::npos ||
           text.find("\\uD") != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    distd::json_error error;
    const auto tree = distd::parse_json(text, error);
    distd::logs::json_part part;
    const bool is_json = distd::logs::scan_json(text, part);
    if (tree) require(is_json);
    const bool is_deep = error.text.starts_with("nested deeper");  // than the tree may be
    if (!tree && is_json) require(has_hard_numbers(text) || may_be_mended(text) || is_deep);
    {
        const distd::test::heap_use heap;
        std::string line;
        distd::logs::record_reader reader;
        const bool is_refused = reader.append(line, text, 0).has_value();
        require(!is_refused || line.empty());
        require(line.size() <= max_growth * size + 200);
        heap.require_at_most(64, size);
    }
    if (!is_json) return 0;

    std::string normal;
    distd::logs::append_normal(normal, part);
    distd::logs::json_part again;
    require(distd::logs::scan_json(normal, again) && again.text == normal);
    require(normal.size() <= max_growth * size);
    std::string twice;
    distd::logs::append_normal(twice, again);
    require(twice == normal);
    if (!tree || has_hard_numbers(text) || text.find("-0") != std::string_view::npos) return 0;
    const auto same = distd::parse_json(normal, error);
    require(same && *same == *tree);
    return 0;
}

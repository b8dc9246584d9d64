// Gathers lines of the journal and renders them as a block of a part: columns, a token filter and a head.
// Pure. Lines come with consecutive numbers; what no column fits is kept as it stands.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/line/stored_line.hpp"
#include "role/log/storage/block_head.hpp"
#include "role/log/storage/token_filter.hpp"

namespace distd::logs {

struct rendered_block {
    block_head head;
    std::string body;
};

class block_builder {
public:
    // `line` without its line end, as it stands in the journal.
    void add(std::uint64_t seq, std::string_view line);

    [[nodiscard]] bool empty() const noexcept { return head_.rows == 0; }
    [[nodiscard]] bool full() const noexcept {
        return head_.rows >= block_rows || head_.line_bytes >= block_bytes;
    }
    [[nodiscard]] std::uint64_t next() const noexcept { return head_.first + head_.rows; }

    // What was gathered; the next line begins another block.
    [[nodiscard]] rendered_block take();

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view t) const noexcept { return boost::hash_value(t); }
    };
    using places = boost::unordered_flat_map<std::string, std::size_t, text_hash, std::equal_to<>>;
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

    void add_parts(const line_parts&);
    void add_verbatim(std::string_view line);
    [[nodiscard]] bool add_fields(std::string_view tail);
    [[nodiscard]] std::size_t field_column(std::string_view name);  // npos: there are enough
    [[nodiscard]] std::size_t shape_of_columns();
    void add_tokens(std::string_view text);
    // True for one that the block did not have yet.
    [[nodiscard]] bool count(std::vector<text_count>&, places&, std::string_view);
    void write_filter(rendered_block&);

    block_head head_;
    std::vector<std::int64_t> times_;
    column_builder level_, service_, trace_, message_, rest_;
    std::string shapes_;  // a byte per line
    std::vector<std::string> field_names_;
    std::vector<column_builder> fields_;
    token_filter::token_set tokens_;
    places level_places_, service_places_, field_places_;
    places shape_places_;  // by the columns' bytes
    // Of the line that is added; kept to save the allocations.
    std::vector<std::uint16_t> columns_;
    std::vector<std::string_view> values_;
    std::string shape_key_;
    std::vector<std::uint16_t> last_columns_;  // and of the one before: mostly the same
    std::size_t last_shape_ = npos;
};

}  // namespace distd::logs

// Which fields lines have, how many lines have each, and its most frequent values. Bounded: of a field with
// many values those that were met first are counted, and it says that there are more. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/line/stored_line.hpp"
#include "role/log/storage/block_reader.hpp"

namespace distd::logs {

class field_tally {
public:
    // A line as it stands in the journal; one that is none of ours counts for nothing.
    void add(std::string_view line);
    void add_rows(block_reader&, const std::vector<std::uint32_t>& rows);  // throws damaged_bytes

    struct value_count {
        std::string value;  // as in the journal: JSON
        std::uint64_t count = 0;
    };
    struct field {
        std::uint64_t count = 0;  // lines that have it
        std::map<std::string, std::uint64_t, std::less<>> values;
        bool has_more_values = false;

        [[nodiscard]] std::vector<value_count> most_frequent(std::size_t max) const;
    };
    [[nodiscard]] const std::map<std::string, field, std::less<>>& fields() const noexcept { return fields_; }
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    [[nodiscard]] bool has_more_fields() const noexcept { return has_more_fields_; }

    static constexpr std::size_t max_fields = 1000;
    static constexpr std::size_t max_values = 500;  // of a field

private:
    void add_value(std::string_view name, std::string_view json, std::uint64_t count = 1);
    void add_text(std::string_view name, std::string_view escaped, std::uint64_t count = 1);
    void add_column(std::string_view name, column&, const std::vector<std::uint32_t>& values);

    std::map<std::string, field, std::less<>> fields_;
    std::uint64_t lines_ = 0;
    bool has_more_fields_ = false;
    std::string json_;  // of the value that is being added
};

}  // namespace distd::logs

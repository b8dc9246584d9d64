// The one writer of tables: columns as wide as their longest cell, two spaces between them. At a terminal it
// is cut to the width: columns that may shrink give room, and the last one is wrapped, in its place or below
// the row. Pure.
#pragma once

#include <string>
#include <vector>

#include "client/output/output_style.hpp"

namespace distd::ops::client {

struct column {
    std::string title{};
    bool is_number = false;  // to the right
    bool may_shrink = false;
    bool wraps = false;         // of the last one only
    std::size_t min_width = 8;  // that one keeps which shrinks, unless there is no room at all
};

struct cell {
    cell() = default;
    cell(std::string t, tone c = tone::plain) : text(std::move(t)), colour(c) {}
    cell(const char* t) : text(t) {}

    std::string text{};
    tone colour = tone::plain;
    std::string name{};  // of a service, whose colour it has instead
};

class table {
public:
    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

    void add(std::vector<cell> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    // `with_titles`: a first line that names the columns. Lines begin with so many spaces.
    [[nodiscard]] std::string text(const output_style&, bool with_titles = true,
                                   std::size_t indent = 0) const;

private:
    void write(std::string& out, const std::vector<cell>& row, const std::vector<std::size_t>& widths,
               const output_style&, std::size_t indent) const;
    // Takes off until all have room, the last one with so many columns; false: there is not enough to take.
    [[nodiscard]] bool shrink(std::vector<std::size_t>& widths, std::size_t room, std::size_t last) const;
    [[nodiscard]] bool shrink_to(std::size_t min_width, std::vector<std::size_t>& widths, std::size_t room,
                                 std::size_t last) const;
    // 0 for a last column that has no room beside the others: it stands below them.
    [[nodiscard]] std::vector<std::size_t> widths(const output_style&, bool with_titles,
                                                  std::size_t indent) const;

    std::vector<column> columns_;
    std::vector<std::vector<cell>> rows_;
};

}  // namespace distd::ops::client

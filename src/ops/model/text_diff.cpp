#include "ops/model/text_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <distd/json.hpp>

namespace distd::ops {
namespace {

using text_lines = std::vector<std::string_view>;

text_lines lines_of(std::string_view text) {
    text_lines out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        out.push_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return out;
}

// The length of the longest common part of what follows each pair of lines.
class common_lengths {
public:
    common_lengths(const text_lines& a, const text_lines& b)
        : width_(b.size() + 1), table_((a.size() + 1) * width_) {
        for (auto i = a.size(); i-- > 0;)
            for (auto j = b.size(); j-- > 0;)
                at(i, j) = a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    }
    [[nodiscard]] std::uint32_t& at(std::size_t i, std::size_t j) { return table_[i * width_ + j]; }

private:
    std::size_t width_;
    std::vector<std::uint32_t> table_;
};

// Lines that only one side has stand beside each other, as far as there are some on both.
class row_writer {
public:
    void left(std::string_view line) { removed_.push_back(line); }
    void right(std::string_view line) { added_.push_back(line); }
    void both(std::string_view line) {
        flush();
        rows_.push_back({std::string(line), std::string(line)});
    }
    [[nodiscard]] std::vector<diff_row> finish() {
        flush();
        return std::move(rows_);
    }

private:
    void flush() {
        for (std::size_t i = 0; i < std::max(removed_.size(), added_.size()); ++i) {
            diff_row row;
            if (i < removed_.size()) row.left = removed_[i];
            if (i < added_.size()) row.right = added_[i];
            rows_.push_back(std::move(row));
        }
        removed_.clear();
        added_.clear();
    }

    text_lines removed_;
    text_lines added_;
    std::vector<diff_row> rows_;
};

void append_indented(std::string& out, const json::value& v, std::size_t depth) {
    const std::string inner((depth + 1) * 2, ' ');
    bool is_first = true;
    const auto next = [&] {
        out += is_first ? "\n" : ",\n";
        out += inner;
        is_first = false;
    };
    const auto close = [&](char c) {
        if (!is_first) out.append("\n").append(depth * 2, ' ');
        out += c;
    };
    if (const auto* object = v.if_object()) {
        out += '{';
        for (const auto& member : *object) {
            next();
            out += to_text(json::value(member.key())) + ": ";
            append_indented(out, member.value(), depth + 1);
        }
        close('}');
    } else if (const auto* array = v.if_array()) {
        out += '[';
        for (const auto& item : *array) {
            next();
            append_indented(out, item, depth + 1);
        }
        close(']');
    } else {
        out += to_text(v);
    }
}

}  // namespace

std::vector<diff_row> compare_texts(std::string_view left, std::string_view right) {
    const auto a = lines_of(left);
    const auto b = lines_of(right);
    row_writer out;
    const bool is_small = a.size() <= max_diff_lines && b.size() <= max_diff_lines;
    std::size_t i = 0, j = 0;
    if (is_small) {
        common_lengths common(a, b);
        while (i < a.size() && j < b.size()) {
            if (a[i] == b[j]) {
                out.both(a[i]);
                ++i, ++j;
            } else if (common.at(i + 1, j) >= common.at(i, j + 1)) {
                out.left(a[i++]);
            } else {
                out.right(b[j++]);
            }
        }
    }
    while (i < a.size()) out.left(a[i++]);
    while (j < b.size()) out.right(b[j++]);
    return out.finish();
}

std::optional<std::string> indented_json(std::string_view text) {
    json_error ignored;
    const auto value = parse_json(text, ignored);
    if (!value) return std::nullopt;
    std::string out;
    append_indented(out, *value, 0);
    return out;
}

}  // namespace distd::ops

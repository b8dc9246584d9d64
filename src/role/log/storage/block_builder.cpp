#include "role/log/storage/block_builder.hpp"

#include <algorithm>
#include <utility>

#include "role/log/line/tokens.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t default_tokens = 20'000;  // different ones in a full block

column_place place_of(std::string& body, std::string_view bytes, std::size_t values) {
    column_place p;
    p.values = static_cast<std::uint32_t>(values);
    p.pieces.push_back(put_piece(body, bytes));
    return p;
}

}  // namespace

void block_builder::add(std::uint64_t seq, std::string_view line) {
    if (empty()) {
        head_.first = seq;
        tokens_.reserve(default_tokens);
    }
    ++head_.rows;
    head_.line_bytes += line.size() + 1;
    const auto parts = split_line(line);
    if (parts && parts->known.seq == seq)
        add_parts(*parts);
    else
        add_verbatim(line);
}

void block_builder::add_parts(const line_parts& p) {
    times_.push_back(p.known.time_ns);
    level_.add(p.known.level);
    service_.add(p.known.service);
    trace_.add(p.known.trace);
    message_.add(p.known.message);
    static_cast<void>(count(head_.levels, level_places_, p.known.level));
    if (count(head_.services, service_places_, p.known.service)) add_tokens(p.known.service);
    add_tokens(p.known.trace);
    add_tokens(p.known.message);
    if (!add_fields(p.tail)) {
        shapes_ += static_cast<char>(rest_shape);
        rest_.add(p.tail);
        add_tokens(p.tail);
    }
}

// Its fields are not in the columns, and not counted: a search reads the line itself.
void block_builder::add_verbatim(std::string_view line) {
    head_.has_verbatim = true;
    times_.push_back(times_.empty() ? 0 : times_.back());
    for (auto* c : {&level_, &service_, &trace_, &message_}) c->add({});
    shapes_ += static_cast<char>(verbatim_shape);
    rest_.add(line);
    add_tokens(line);
}

bool block_builder::add_fields(std::string_view tail) {
    columns_.clear();
    values_.clear();
    std::string_view name;
    std::string_view value;
    for (auto rest = tail; !rest.empty();) {
        if (!take_member(rest, name, value)) return false;
        const auto column = field_column(name);
        // A name that comes twice would take two values of one column.
        if (column == npos || std::ranges::find(columns_, column) != columns_.end()) return false;
        columns_.push_back(static_cast<std::uint16_t>(column));
        values_.push_back(value);
    }
    const auto shape = shape_of_columns();
    if (shape == npos) return false;
    shapes_ += static_cast<char>(shape);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        fields_[columns_[i]].add(values_[i]);
        add_tokens(values_[i]);
    }
    return true;
}

std::size_t block_builder::field_column(std::string_view name) {
    const auto nth = columns_.size();
    if (nth < last_columns_.size() && field_names_[last_columns_[nth]] == name) return last_columns_[nth];
    if (const auto it = field_places_.find(name); it != field_places_.end()) return it->second;
    if (fields_.size() == max_field_columns) return npos;
    field_places_.emplace(name, fields_.size());
    field_names_.emplace_back(name);
    fields_.emplace_back();
    return fields_.size() - 1;
}

std::size_t block_builder::shape_of_columns() {
    if (last_shape_ != npos && columns_ == last_columns_) return last_shape_;
    shape_key_.clear();
    for (const auto c : columns_) shape_key_ += static_cast<char>(c);
    auto it = shape_places_.find(shape_key_);
    if (it == shape_places_.end()) {
        if (head_.shapes.size() == max_shapes) return npos;
        it = shape_places_.emplace(shape_key_, head_.shapes.size()).first;
        head_.shapes.push_back(columns_);
    }
    last_columns_ = columns_;
    last_shape_ = it->second + rest_shape + 1;
    return last_shape_;
}

void block_builder::add_tokens(std::string_view text) {
    for_each_token(text, [this](std::uint64_t hash, std::size_t, std::size_t) { tokens_.insert(hash); });
}

bool block_builder::count(std::vector<text_count>& counts, places& known, std::string_view text) {
    auto it = known.find(text);
    const bool is_new = it == known.end();
    if (is_new) {
        it = known.emplace(text, counts.size()).first;
        counts.emplace_back(text, 0);
    }
    ++counts[it->second].second;
    return is_new;
}

rendered_block block_builder::take() {
    rendered_block b;
    b.head = std::move(head_);
    auto& h = b.head;
    const auto [earliest, latest] = std::minmax_element(times_.begin(), times_.end());
    h.earliest_ns = *earliest;
    h.latest_ns = *latest;
    h.columns.push_back(place_of(b.body, times_text(times_), h.rows));
    for (const auto* c : {&level_, &service_, &trace_, &message_})
        h.columns.push_back(c->write_texts(b.body));
    h.columns.push_back(place_of(b.body, shapes_, h.rows));
    h.columns.push_back(rest_.write_texts(b.body));
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        h.columns.push_back(fields_[i].write_json(b.body));
        h.columns.back().name = field_names_[i];
    }
    write_filter(b);
    *this = {};
    return b;
}

void block_builder::write_filter(rendered_block& b) {
    const auto filter = token_filter::build(tokens_);
    b.head.filter_offset = b.body.size();
    b.head.filter_lines = static_cast<std::uint32_t>(filter.size() / token_filter::line_bytes);
    b.body += filter;
    b.head.body_bytes = b.body.size();
}

}  // namespace distd::logs

#include "role/log/search/field_tally.hpp"

#include <algorithm>

namespace distd::logs {

void field_tally::add_value(std::string_view name, std::string_view json, std::uint64_t count) {
    auto it = fields_.find(name);
    if (it == fields_.end()) {
        if (fields_.size() == max_fields) {
            has_more_fields_ = true;
            return;
        }
        it = fields_.try_emplace(std::string(name)).first;
    }
    auto& f = it->second;
    f.count += count;
    if (const auto known = f.values.find(json); known != f.values.end())
        known->second += count;
    else if (f.values.size() < max_values)
        f.values.emplace(json, count);
    else
        f.has_more_values = true;
}

void field_tally::add_text(std::string_view name, std::string_view escaped, std::uint64_t count) {
    if (escaped.empty()) return;
    json_ = '"';
    json_ += escaped;
    json_ += '"';
    add_value(name, json_, count);
}

void field_tally::add(std::string_view line) {
    const auto parts = split_line(line);
    if (!parts) return;
    ++lines_;
    add_text("level", parts->known.level);
    add_text("service", parts->known.service);
    add_text("trace", parts->known.trace);
    std::string_view name;
    std::string_view value;
    for (auto rest = parts->tail; take_member(rest, name, value);) add_value(name, value);
}

void field_tally::add_rows(block_reader& b, const std::vector<std::uint32_t>& rows) {
    const auto& head = b.head();
    std::vector<std::vector<std::uint32_t>> places(head.columns.size() - known_columns);
    std::vector<std::uint32_t> plain;  // rows that lie in columns
    std::string line;
    for (const auto row : rows) {
        const auto shape = b.shape(row);
        if (shape <= rest_shape) {
            line.clear();
            b.append_line(line, row);
            add(line);
            continue;
        }
        plain.push_back(row);
        for (const auto f : head.shapes[shape - rest_shape - 1])
            places[f].push_back(static_cast<std::uint32_t>(b.place_in_field(f, row)));
    }
    lines_ += plain.size();
    const std::pair<const char*, known_column> known[]{
        {"level", known_column::level}, {"service", known_column::service}, {"trace", known_column::trace}};
    for (const auto& [name, c] : known) {
        auto& values = b.of(c);
        std::vector<std::uint64_t> counts(values.entries().size());
        for (const auto row : plain) ++counts[values.id(row)];
        for (std::size_t i = 0; i < counts.size(); ++i)
            if (counts[i] > 0) add_text(name, values.entries()[i], counts[i]);
    }
    for (std::size_t f = 0; f < places.size(); ++f)
        add_column(head.columns[known_columns + f].name, b.field(f), places[f]);
}

void field_tally::add_column(std::string_view name, column& c, const std::vector<std::uint32_t>& values) {
    std::string json;
    if (c.kind() == column_kind::integers || c.kind() == column_kind::texts) {
        for (const auto i : values) {
            json.clear();
            c.append(json, i);
            add_value(name, json);
        }
        return;
    }
    std::map<std::size_t, std::pair<std::uint32_t, std::uint64_t>> counts;  // by entry: a value, how many
    for (const auto i : values) ++counts.try_emplace(c.id(i), i, 0).first->second.second;
    for (const auto& [entry, met] : counts) {
        json.clear();
        c.append(json, met.first);
        add_value(name, json, met.second);
    }
}

std::vector<field_tally::value_count> field_tally::field::most_frequent(std::size_t max) const {
    std::vector<value_count> all;
    for (const auto& [value, n] : values) all.push_back({value, n});
    std::ranges::sort(all, [](const auto& a, const auto& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    if (all.size() > max) all.resize(max);
    return all;
}

}  // namespace distd::logs

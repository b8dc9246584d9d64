#include "role/log/core/field_list.hpp"

#include <algorithm>
#include <distd/json.hpp>

namespace distd::logs {
namespace {

std::size_t longest_text(known_field f) noexcept {
    return f == known_field::level   ? longest_level
           : f == known_field::trace ? longest_trace
                                     : longest_service;
}

}  // namespace

std::vector<field_list::field>::iterator field_list::find(std::string_view name) {
    return std::ranges::find(fields_, name, &field::first);
}

void field_list::set(std::string_view name, std::string json) {
    const auto old = find(name);
    if (old != fields_.end())
        old->second = std::move(json);
    else
        fields_.emplace_back(name, std::move(json));
}

void field_list::add_text(std::string_view name, std::string_view text) {
    std::string json;
    append_json_string(json, text);
    const auto old = find(name);
    if (old == fields_.end()) {
        fields_.emplace_back(name, std::move(json));
    } else if (old->second.starts_with('[')) {
        old->second.insert(old->second.size() - 1, ',' + json);
    } else {
        old->second = '[' + old->second + ',' + json + ']';
    }
}

void field_list::set_text(std::string_view name, std::string_view text) {
    std::string json;
    append_json_string(json, text);
    set(name, std::move(json));
}

std::string field_list::take(known_field wanted) {
    auto best = fields_.end();
    int best_rank = 0;
    for (auto f = fields_.begin(); f != fields_.end(); ++f) {
        const auto name = field_of(f->first);
        const bool fits = name.field == wanted && f->second.starts_with('"') &&
                          f->second.size() - 2 <= longest_text(wanted);
        if (!fits || (best != fields_.end() && best_rank <= name.rank)) continue;
        best = f;
        best_rank = name.rank;
    }
    return best == fields_.end() ? std::string() : take_text(std::string(best->first));
}

std::string field_list::take_text(std::string_view name) {
    const auto found = find(name);
    if (found == fields_.end() || !found->second.starts_with('"')) return {};
    std::string text;
    append_decoded(text, std::string_view(found->second).substr(1, found->second.size() - 2));
    fields_.erase(found);
    return text;
}

void field_list::add_to(record_writer& record) const {
    const auto is_here = [this](const std::string& name) {
        return std::ranges::find(fields_, name, &field::first) != fields_.end();
    };
    for (const auto& [name, json] : fields_) record.json_field(free_name(name, is_here), json);
}

std::string judge_size(std::size_t bytes, std::size_t fields) {
    if (bytes > longest_line)
        return "has " + std::to_string(bytes) + " bytes, allowed are " + std::to_string(longest_line);
    if (fields > most_fields)
        return "has " + std::to_string(fields) + " fields, allowed are " + std::to_string(most_fields);
    return {};
}

}  // namespace distd::logs

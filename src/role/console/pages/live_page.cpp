#include "role/console/pages/live_page.hpp"

#include <boost/json/array.hpp>
#include <cstdint>
#include <utility>

#include "base/fnv1a.hpp"
#include "role/web/template_values.hpp"

namespace distd::ops::console {

void live_page::add(std::string_view key, std::string_view id, std::string_view template_name,
                    json::object part) {
    part["id"] = web::text(id);
    values[key] = std::move(part);
    parts.push_back({std::string(id), template_name, key});
}

void live_page::add_rows(std::string_view key, std::string_view template_name, json::array rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string id(rows[i].as_object().at("id").as_string());
        order.push_back(id);
        parts.push_back({std::move(id), template_name, key, i});
    }
    values[key] = std::move(rows);
}

const json::object& live_page::values_of(const live_part& p) const {
    const auto& found = values.at(p.key);
    return p.row ? found.as_array().at(*p.row).as_object() : found.as_object();
}

// Two names that share one are not met by chance.
std::string id_of(char kind, std::string_view name) {
    auto hash = fnv1a(name);
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
    std::string id(1, kind);
    for (int i = 0; i < 12; ++i, hash >>= 5U) id += digits[hash & 31U];
    return id;
}

}  // namespace distd::ops::console

#include "role/log/core/elastic_bulk.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "role/log/core/line_by_line.hpp"

namespace distd::logs {
namespace {

constexpr std::string_view actions[] = {"index", "create", "update", "delete"};

// The action in that line; without one when it is not an action.
elastic_bulk::item read_action(std::string_view line) {
    json_items members(line);
    json_part name;
    json_part about;
    elastic_bulk::item item;
    if (!members.is_object() || !members.next(name, about)) return {};
    const auto* known = std::find(std::begin(actions), std::end(actions), name.inside());
    if (known == std::end(actions) || about.kind != json_kind::object) return {};
    // What else stands there is ignored, as Elasticsearch does it, but for a second action.
    for (json_part more; members.next(name, more);)
        if (std::ranges::find(actions, name.inside()) != std::end(actions)) return {};
    if (!members.is_sound()) return {};
    item.action = *known;
    json_part value;
    for (json_items details(about.text); details.next(name, value);)
        if (name.inside() == "_index" && value.kind == json_kind::string) append_normal(item.index, value);
    return item;
}

elastic_bulk malformed(std::uint64_t line) {
    elastic_bulk b;
    b.malformed =
        "line " + std::to_string(line) +
        ": expected an action like {\"create\":{}} or {\"index\":{}}, which is followed by its document";
    return b;
}

}  // namespace

elastic_bulk read_elastic_bulk(std::string_view body, std::int64_t now_ns) {
    elastic_bulk b;
    record_reader reader;
    b.lines.reserve(body.size());
    line_by_line lines(body);
    while (lines.next()) {
        auto item = read_action(lines.text());
        if (item.action.empty()) return malformed(lines.number());
        if (item.action == "update" || item.action == "delete") {
            item.refusal = "lines are not changed afterwards: '" + std::string(item.action) +
                           "' is not taken, 'create' and 'index' are";
            if (item.action == "update") static_cast<void>(lines.next());
        } else if (!lines.next()) {
            item.refusal = "its document is missing";
        } else if (auto reason = reader.append(b.lines, lines.text(), now_ns, record_style::shipped)) {
            item.refusal = *std::move(reason);
        }
        if (item.refusal.empty())
            ++b.accepted;
        else
            b.refuse(lines.number(), item.refusal);
        b.items.push_back(std::move(item));
    }
    return b;
}

std::string render_bulk_answer(const elastic_bulk& b, std::uint64_t first, std::int64_t took_ms) {
    std::string out = "{\"took\":" + std::to_string(took_ms);
    out += b.refused == 0 ? R"(,"errors":false,"items":[)" : R"(,"errors":true,"items":[)";
    for (const auto& item : b.items) {
        out += out.ends_with('[') ? "{\"" : ",{\"";
        out += item.action;
        out += "\":{";
        if (!item.index.empty()) out += "\"_index\":" + item.index + ',';
        if (item.refusal.empty()) {
            out += "\"_id\":\"" + std::to_string(first++) + "\",\"status\":201}}";
            continue;
        }
        out += R"("status":400,"error":{"type":"mapper_parsing_exception","reason":)";
        append_json_string(out, item.refusal);
        out += "}}}";
    }
    return out + "]}";
}

}  // namespace distd::logs

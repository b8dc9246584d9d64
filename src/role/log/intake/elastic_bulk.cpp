#include "role/log/intake/elastic_bulk.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "role/log/line/line_by_line.hpp"

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
    b.refuse_whole(
        "line " + std::to_string(line) +
        ": expected an action like {\"create\":{}} or {\"index\":{}}, which is followed by its document");
    return b;
}

// What the answer to it takes, in memory and as text.
std::size_t answer_bytes(const elastic_bulk::item& item) {
    constexpr std::size_t min = 100;
    return sizeof item + item.index.size() + 2 * item.refusal.size() + min;
}

// Why the next document is not stored; empty: it is.
std::string read_document(elastic_bulk& b, record_reader& reader, line_by_line& lines,
                          std::string_view action, const arrival& came) {
    if (action == "update" || action == "delete") {
        if (action == "update") static_cast<void>(lines.next());
        return "lines are not changed afterwards: '" + std::string(action) +
               "' is not taken, 'create' and 'index' are";
    }
    if (!lines.next()) return "its document is missing";
    const auto start = b.lines.size();
    if (auto reason = reader.append(b.lines, lines.text(), came, record_style::shipped))
        return *std::move(reason);
    return b.keep(lines.number(), start);
}

}  // namespace

elastic_bulk read_elastic_bulk(std::string_view body, const arrival& came) {
    elastic_bulk b(body.size());
    record_reader reader;
    b.lines.reserve(body.size());
    line_by_line lines(body);
    while (!b.is_too_large && lines.next()) {
        came.check_still_wanted();
        auto item = read_action(lines.text());
        if (item.action.empty()) return malformed(lines.number());
        item.refusal = read_document(b, reader, lines, item.action, came);
        if (!item.refusal.empty()) b.refuse(lines.number(), item.refusal);
        if (!b.is_too_large && b.spend(lines.number(), answer_bytes(item)))
            b.items.push_back(std::move(item));
    }
    if (b.is_too_large) std::vector<elastic_bulk::item>().swap(b.items);
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

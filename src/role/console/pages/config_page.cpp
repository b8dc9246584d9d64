#include "role/console/pages/config_page.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "http/message/url.hpp"
#include "ops/model/text_diff.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_keys = 2000;
constexpr std::size_t max_edited = 256 << 10;  // bytes: beyond that a form is no editor
constexpr std::size_t max_reason = 1024;       // characters
constexpr std::size_t max_diff_bytes = 256 << 10;

bool is_like(std::string_view text, std::string_view part) {
    return ascii::lowered(std::string(text)).find(ascii::lowered(std::string(part))) != std::string::npos;
}

// Keys in groups by the first part of their path.
json::array tree_of(const config_view& v) {
    std::map<std::string, json::array> groups;
    std::size_t shown = 0;
    for (const auto& k : v.keys) {
        if (!v.filter.empty() && !is_like(k.key, v.filter)) continue;
        if (++shown > max_keys) break;
        const auto slash = k.key.find('/');
        const auto group = slash == k.key.npos ? std::string() : k.key.substr(0, slash + 1);
        auto href = url_of_key(k.key);
        if (!v.filter.empty()) href += "?filter=" + http::percent_encode(v.filter);
        groups[group].push_back(json::object{{"name", text(one_line(k.key.substr(group.size()), 200))},
                                             {"href", text(href)},
                                             {"version", text(std::to_string(k.version))},
                                             {"is_chosen", k.key == v.key}});
    }
    json::array out;
    for (auto& [name, keys] : groups)
        out.push_back(json::object{{"group", unless_empty(one_line(name, 100))}, {"keys", std::move(keys)}});
    return out;
}

std::string size_text(std::int64_t bytes) { return grouped(bytes) + "\u202fB"; }

// As it is edited: text as it is kept. nullopt: no text.
std::optional<std::string> editable(const std::string& bytes) {
    if (bytes.size() > max_edited || !is_utf8(bytes) || bytes.find('\0') != bytes.npos) return std::nullopt;
    return bytes;
}

std::string comparable(const std::string& bytes) { return indented_json(bytes).value_or(bytes); }

json::value diff_of(const std::optional<std::string>& left, const std::optional<std::string>& right,
                    json::value left_title, json::value right_title) {
    json::array rows;
    const auto a = left.value_or(""), b = right.value_or("");
    const bool is_text =
        editable(a).has_value() && editable(b).has_value() && a.size() + b.size() <= max_diff_bytes;
    // Where both are the same JSON written otherwise, the texts themselves are compared.
    const auto in_lines = comparable(a) == comparable(b) && a != b
                              ? compare_texts(a, b)
                              : compare_texts(comparable(a), comparable(b));
    if (is_text)
        for (const auto& row : in_lines)
            rows.push_back(
                json::object{{"is_changed", !row.is_same()},
                             {"left", row.left ? text(one_line(*row.left, 2000)) : json::value(nullptr)},
                             {"right", row.right ? text(one_line(*row.right, 2000)) : json::value(nullptr)}});
    const bool has_changes = a != b || left.has_value() != right.has_value();
    return json::object{{"left_title", std::move(left_title)},
                        {"right_title", std::move(right_title)},
                        {"left_is_gone", !left},
                        {"right_is_gone", !right},
                        {"is_text", is_text},
                        {"has_changes", has_changes},
                        {"rows", std::move(rows)}};
}

// "v8, ops, " and when that was: a time of its own, which the reader's browser shows in its zone.
json::value title_of(std::string_view words, std::optional<wall_point> at = {}) {
    return json::object{{"words", text(words)}, {"at", value_of(at)}};
}

json::value version_title(const config_view& v, std::int64_t version) {
    const bool is_current = v.value && v.value->version == version;
    const auto name = "v" + std::to_string(version);
    const auto found = std::ranges::find(v.history, version, &config_version::version);
    if (found == v.history.end()) return title_of(name);
    const auto words = name + ", " + one_line(found->who, 60);
    return is_current ? title_of(words + ", now") : title_of(words, found->when);
}

bool can_restore(const config_version& one, std::int64_t current) {
    return !one.is_deleted && one.version != current;
}

json::array history_of(const config_view& v) {
    json::array out;
    const auto current = v.value ? v.value->version : 0;
    const auto next = v.history.empty() ? 1 : v.history.front().version + 1;
    for (std::size_t i = 0; i < v.history.size(); ++i) {
        const auto& one = v.history[i];
        auto what = one.action == "put"      ? std::string("saved")
                    : one.action == "delete" ? "deleted"
                                             : one.action;
        if (one.restored) what = "restored " + std::to_string(*one.restored);
        const bool has_previous = i + 1 < v.history.size();
        const auto previous = has_previous ? v.history[i + 1].version : 0;
        out.push_back(json::object{
            {"version", text(std::to_string(one.version))},
            {"is_current", one.version == current},
            {"what", text(one_line(what, 60))},
            {"who", text(one_line(one.who, 80))},
            {"reason", unless_empty(one_line(one.reason, max_reason))},
            {"at", value_of(one.when)},
            {"size", one.is_deleted ? text(std::string(nothing)) : text(size_text(one.size))},
            {"is_left", has_previous && i == 0 ? false : i == 1},
            {"is_right", i == 0},
            {"is_previous", i == 1},
            {"changes_href", has_previous ? text(url_of_key(v.key) + "?left=" + std::to_string(previous) +
                                                 "&right=" + std::to_string(one.version))
                                          : json::value(nullptr)},
            {"next", text(std::to_string(next))},
            {"can_restore", can_restore(one, current)}});
    }
    return out;
}

// What may be said of it: why its type does not hold, and what the gateway says of its own keys.
json::array judgements_of(const config_view& v, bool is_hidden) {
    json::array rows;
    const auto add = [&rows](const std::string& words) {
        if (!words.empty()) rows.push_back(json::object{{"words", text(words)}});
    };
    if (v.draft) {
        add(v.draft->fault);
        return rows;
    }
    if (!v.value) return rows;
    if (!is_hidden) add(fault_in(v.key, v.value->media_type, v.value->bytes));  // which shows some of it
    for (const auto& e : v.gateway_errors)
        if (e.starts_with(v.key + ": ")) add("The gateway refuses this: " + e.substr(v.key.size() + 2));
    return rows;
}

// The form in which it is edited, with what was sent before where that was not saved.
json::value editor_of(const config_view& v, bool is_hidden) {
    if (is_hidden) return nullptr;
    const auto kept = v.value ? v.value->bytes : std::string();
    const auto shown = editable(v.draft ? v.draft->bytes : kept);
    if (!shown) return nullptr;
    const auto type = v.draft ? v.draft->media_type : v.value ? v.value->media_type : "application/json";
    const auto rows = std::clamp<std::ptrdiff_t>(std::ranges::count(*shown, '\n') + 2, 6, 24);
    return json::object{{"bytes", text(*shown)},
                        {"media_type", text(type)},
                        {"etag", v.value ? text(v.value->etag) : json::value(nullptr)},
                        {"rows", text(std::to_string(rows))},
                        {"exists", v.value.has_value()},
                        {"is_draft", v.draft.has_value()}};
}

// What each form of the page carries: where it is sent, and for which value it holds.
json::object form_values(const config_view& v) {
    return {{"action", text(url_of_key(v.key))},
            {"etag", v.value ? text(v.value->etag) : json::value(nullptr)},
            {"who", text(v.who)},
            {"form", text(v.form)},
            {"exists", v.value.has_value()},
            {"version", v.value ? text(std::to_string(v.value->version)) : json::value(nullptr)}};
}

json::value review_of(const config_view& v) {
    if (!v.draft) return nullptr;
    const auto kept = v.value ? std::optional(v.value->bytes) : std::nullopt;
    auto title = v.value ? version_title(v, v.value->version) : title_of("nothing is kept");
    auto out = diff_of(kept, v.draft->bytes, std::move(title), title_of("yours, not saved"));
    auto& o = out.as_object();
    o["has_conflict"] = v.draft->has_conflict;
    o["can_save"] = v.draft->fault.empty();
    o["bytes"] = text(v.draft->bytes);
    o["media_type"] = text(v.draft->media_type);
    o.insert_or_assign("typed_reason", text(v.reason));
    for (const auto& [name, value] : form_values(v)) o[name] = value;
    o["save_words"] = text(v.value ? "Save as version " + std::to_string(v.value->version + 1) : "Save");
    return out;
}

json::value comparison_of(const config_view& v, bool is_hidden) {
    if (!v.comparison || is_hidden) return nullptr;
    const auto& c = *v.comparison;
    return diff_of(c.left_bytes, c.right_bytes, version_title(v, c.left), version_title(v, c.right));
}

// What takes the last change back: the version before it, or the deletion of what was not there before.
void add_undo(json::object& notice, const config_view& v) {
    notice["undo_version"] = nullptr;
    notice["undo_deletes"] = false;
    if (v.history.empty() || v.history.front().version != *v.saved) return;
    const bool was_there = v.history.size() > 1 && !v.history[1].is_deleted;
    if (was_there) notice["undo_version"] = text(std::to_string(v.history[1].version));
    notice["undo_deletes"] = !was_there && !v.history.front().is_deleted;
    notice["undo_reason"] = text("undo of version " + std::to_string(*v.saved));
}

std::string saved_words(const config_view& v) {
    const bool is_deletion =
        !v.history.empty() && v.history.front().version == *v.saved && v.history.front().is_deleted;
    return is_deletion ? "It is deleted." : "Version " + std::to_string(*v.saved) + " is saved.";
}

// The same page with what is secret on it.
std::string shown_href(const config_view& v) {
    auto out = url_of_key(v.key) + "?show=1";
    if (v.comparison)
        out +=
            "&left=" + std::to_string(v.comparison->left) + "&right=" + std::to_string(v.comparison->right);
    return out;
}

bool is_hidden(const config_view& v) { return is_secret(v.key) && !v.shows_secret; }

json::object head_of(const config_view& v) {
    const bool is_empty = !v.value && v.history.empty();
    json::object o{{"key", text(one_line(v.key, 512))},
                   {"fault", unless_empty(v.fault)},
                   {"exists", v.value.has_value()},
                   {"was_deleted", !v.value && !v.history.empty()},
                   {"is_known", v.is_known()},
                   {"is_new", is_empty && v.is_known()},
                   {"judgements", judgements_of(v, is_hidden(v))}};
    if (v.value) {
        o["version"] = text(std::to_string(v.value->version));
        o["media_type"] = text(one_line(v.value->media_type, 100));
        o["size"] = text(size_text(static_cast<std::int64_t>(v.value->bytes.size())));
    }
    if (v.history.empty()) return o;
    o["changed_by"] = text(one_line(v.history.front().who, 80));
    o["changed_because"] = unless_empty(one_line(v.history.front().reason, max_reason));
    o["changed_at"] = value_of(v.history.front().when);
    return o;
}

json::object value_card_of(const config_view& v) {
    auto o = form_values(v);
    const bool hides = is_hidden(v) && v.value.has_value();
    o["is_known"] = v.is_known();
    o["is_hidden"] = hides;
    o["show_href"] = text(shown_href(v));
    o["is_binary"] = v.value && !editable(v.value->bytes);
    o["editor"] = v.is_known() ? editor_of(v, hides) : json::value(nullptr);
    return o;
}

json::object history_card_of(const config_view& v) {
    auto o = form_values(v);
    o["history"] = history_of(v);
    o["has_history"] = !v.history.empty();
    o["can_restore_any"] = std::ranges::any_of(v.history, [&](const config_version& one) {
        return can_restore(one, v.value ? v.value->version : 0);
    });
    o["can_compare"] = v.history.size() > 1 && !is_hidden(v);
    return o;
}

json::object comparison_card_of(const config_view& v) {
    const auto shown = comparison_of(v, is_hidden(v));
    json::object o = shown.is_object() ? shown.get_object() : json::object();
    o["is_shown"] = shown.is_object();
    return o;
}

json::value notice_of(const config_view& v) {
    if (!v.saved) return nullptr;
    auto notice = form_values(v);
    notice["words"] = text(saved_words(v));
    add_undo(notice, v);
    return notice;
}

// The stream of the page. A draft, and what is said of a change that was not made, stay as they are.
std::string live_parameters(const config_view& v) {
    if (v.draft || !v.fault.empty()) return {};
    std::string out("page=");
    out += config_stream;
    http::append_parameter(out, "key", v.key);
    http::append_parameter(out, "filter", v.filter);
    if (v.shows_secret) http::append_parameter(out, "show", "1");
    if (!v.comparison) return out;
    http::append_parameter(out, "left", std::to_string(v.comparison->left));
    http::append_parameter(out, "right", std::to_string(v.comparison->right));
    return out;
}

void add_key(live_page& page, const config_view& v) {
    page.add("config_head", "config-head", "config_head", head_of(v));
    page.add("config_comparison", "config-comparison", "config_comparison", comparison_card_of(v));
    page.add("config_value", "config-value", "config_value", value_card_of(v));
    page.add("config_history", "config-history", "config_history", history_card_of(v));
    page.values["notice"] = notice_of(v);
    page.values["review"] = review_of(v);
}

}  // namespace

live_page make_config_page(const config_view& v) {
    live_page page;
    page.title = (v.key.empty() ? "Config" : one_line(v.key, 80) + " · Config") + " · distd";
    page.tone = v.trouble.empty() ? "well" : "unknown";
    page.status = v.draft && v.draft->has_conflict ? 412 : v.fault.empty() ? 200 : 409;
    page.live = live_parameters(v);
    page.add("config_away", "config-away", "config_away",
             {{"trouble", unless_empty(v.trouble)},
              {"as_of", v.trouble.empty() ? json::value(nullptr) : value_of(v.as_of)}});
    auto tree = tree_of(v);
    const bool any = !tree.empty();
    page.add("config_tree", "config-tree", "config_tree",
             {{"tree", std::move(tree)},
              {"any", any},
              {"has_filter", !v.filter.empty()},
              {"is_known", v.is_known()}});
    page.values["filter"] = text(one_line(v.filter, 200));
    page.values["none_chosen"] = v.key.empty();
    if (!v.key.empty()) add_key(page, v);
    page.values["filter_action"] = text(v.key.empty() ? "/config" : url_of_key(v.key));
    page.add("sources", "sources", "sources", values_of_sources(v.all));
    return page;
}

}  // namespace distd::ops::console

#include "role/console/changes/config_changes.hpp"

#include <algorithm>
#include <utility>

#include "base/parse_number.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/words.hpp"
#include "ops/questions/config_questions.hpp"
#include "role/console/changes/asked_reason.hpp"
#include "role/console/pages/common_values.hpp"
#include "role/gateway_routes/key_judge.hpp"
#include "role/web/page_headers.hpp"
#include "wire/header_names.hpp"

namespace distd::ops::console {
namespace {

constexpr auto config_page_name = "config";
constexpr std::string_view gateway_directory = "gateway/";

std::int64_t number_in(const std::optional<std::string>& text) {
    return text ? parse_number<std::int64_t>(*text).value_or(0) : 0;
}

// Browsers send the lines of a text area with CR LF, whatever they were before.
std::string sent_text(const std::string& text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
    return out;
}

std::optional<config_draft> draft_in(const http::request& q) {
    const auto bytes = q.form("bytes");
    if (!bytes) return std::nullopt;
    return config_draft{sent_text(*bytes), one_line(q.form("media_type").value_or(""), 200)};
}

// Of the configuration; nothing where events tell of none.
std::optional<std::uint64_t> newest_change(const std::vector<event>* all) {
    std::optional<std::uint64_t> newest;
    if (all)
        for (const auto& e : *all)
            if (!e.key.empty()) newest = std::max(newest.value_or(0), e.index);
    return newest;
}

}  // namespace

config_changes::config_changes(site& s, sources& from) : site_(s), sources_(from) {
    site_.get("/config", [this](http::request q) { return open(q); });
    site_.get("/config/{key...}", [this](http::request q) { return open(q); });
    site_.post("/config/{key...}", [this](http::request q) { return change(q); });
    site_.add_stream(config_stream, [this](const site::visit& v) -> site::page_function {
        auto f = std::make_shared<followed>();
        f->view.key = v.find("key").value_or("");
        f->view.filter = v.find("filter").value_or("");
        f->view.shows_secret = v.find("show").has_value();
        f->view.who = v.who;
        f->view.form = v.form;
        f->left = number_in(v.find("left"));
        f->right = number_in(v.find("right"));
        return [this, f] { return follow(f); };
    });
}

task<config_view> config_changes::view_of(std::string key) {
    config_view v;
    v.key = key;
    v.all = co_await sources_.take_snapshot(time_range::hour);
    const auto list = co_await sources_.registry.read(config_list_path(""));
    v.trouble = trouble_of(list);
    if (v.trouble.empty())
        if (auto keys = read_config_keys(list->body)) v.keys = *std::move(keys);
    if (key.empty() || !v.trouble.empty()) co_return v;
    const auto value = co_await sources_.registry.read(config_path(key));
    if (value && value->status == 200) v.value = value_in(*value);
    const auto history = co_await sources_.registry.read(config_history_path(key));
    if (history && history->status == 200) v.history = read_config_history(history->body);
    v.gateway_errors = co_await gateway_errors(key);
    co_return v;
}

task<std::vector<std::string>> config_changes::gateway_errors(std::string key) {
    if (!key.starts_with(gateway_directory)) co_return std::vector<std::string>();
    const auto gateway = co_await sources_.gateway.state();
    co_return gateway.good ? gateway.good->errors : std::vector<std::string>();
}

// What is known stays while the registry is away.
task<> config_changes::renew(std::shared_ptr<followed> f) {
    auto fresh = co_await view_of(f->view.key);
    f->view.trouble = fresh.trouble;
    f->is_current = fresh.trouble.empty();
    if (!f->is_current) co_return;
    f->view.keys = std::move(fresh.keys);
    f->view.value = std::move(fresh.value);
    f->view.history = std::move(fresh.history);
    if (f->left > 0 && f->right > 0) f->view.comparison = co_await compare(f->view.key, f->left, f->right);
}

task<live_page> config_changes::follow(std::shared_ptr<followed> f) {
    f->view.all = co_await sources_.take_snapshot(time_range::hour);
    const auto& registry = f->view.all.registry;
    if (const auto newest = newest_change(f->view.all.events()); !f->is_current || newest != f->newest) {
        co_await renew(f);
        if (f->is_current) f->newest = newest;
    }
    if (f->is_current) {
        f->view.trouble = registry.trouble;
        f->view.as_of = registry.as_of;
    }
    f->view.gateway_errors = co_await gateway_errors(f->view.key);
    auto page = make_config_page(f->view);
    show_state_in_tab(page, f->view.all, site_.own().time().wall());
    co_return page;
}

http::response config_changes::render(const http::request& q, config_view v) {
    v.who = site_.access().name_of(q);
    v.reason = asked_reason(q);
    v.form = site_.access().csrf_token();
    v.filter = q.query("filter").value_or("");
    auto page = make_config_page(v);
    show_state_in_tab(page, v.all, site_.own().time().wall());
    return site_.show(q, page.status, config_page_name, "config", page);
}

task<http::response> config_changes::open(http::request q) {
    auto key = q.param("key");
    if (key.empty()) key = q.query("key").value_or("");
    auto v = co_await view_of(key);
    v.shows_secret = q.query("show").has_value();
    if (const auto saved = number_in(q.query("saved")); saved > 0) v.saved = saved;
    const auto left = number_in(q.query("left"));
    const auto right = number_in(q.query("right"));
    if (left > 0 && right > 0) v.comparison = co_await compare(key, left, right);
    co_return render(q, std::move(v));
}

task<std::optional<config_value>> config_changes::version_of(std::string key, std::int64_t version) {
    const auto r = co_await sources_.registry.read(config_version_path(key, version));
    if (!r || r->status != 200) co_return std::nullopt;
    co_return value_in(*r);
}

task<config_comparison> config_changes::compare(std::string key, std::int64_t left, std::int64_t right) {
    config_comparison c{left, right};
    if (auto kept = co_await version_of(key, left)) c.left_bytes = std::move(kept->bytes);
    if (auto kept = co_await version_of(key, right)) c.right_bytes = std::move(kept->bytes);
    co_return c;
}

// The gateway's keys by the gateway's own code, beside the routes that it has now.
task<std::string> config_changes::judge(std::string key, std::string media_type, std::string bytes) {
    auto fault = fault_in(key, media_type, bytes);
    if (!fault.empty() || !key.starts_with(gateway_directory)) co_return fault;
    const auto gateway = co_await sources_.gateway.state();
    std::vector<gateway_routes::held_place> held;
    if (gateway.good)
        for (const auto& r : gateway.good->routes) held.push_back({r.name, r.service, r.host, r.prefix});
    const auto portals = sources_.gateway.addresses();
    const auto own_host = portals.empty() ? std::string() : host_of(portals.front());
    fault =
        gateway_routes::fault_in_gateway_value(key.substr(gateway_directory.size()), bytes, held, own_host);
    co_return fault.empty() ? fault : "The gateway would refuse this: " + fault;
}

task<http::response> config_changes::change(http::request q) {
    const auto key = q.param("key");
    const auto action = q.form("action").value_or("");
    if (action == "restore") co_return co_await restore(q, key);
    auto draft = draft_in(q);
    if (draft) draft->fault = co_await judge(key, draft->media_type, draft->bytes);
    if (action == "review" || (draft && !draft->fault.empty())) {
        auto v = co_await view_of(key);
        const auto etag = v.value ? v.value->etag : std::string();
        if (draft) draft->has_conflict = etag != q.form("etag").value_or("");
        v.draft = std::move(draft);
        v.shows_secret = true;
        co_return render(q, std::move(v));
    }
    http::call c(action == "delete" ? "DELETE" : "PUT", config_path(key));
    if (action == "save" && draft) {
        auto with_value = std::move(c).with_body(draft->bytes, draft->media_type);
        co_return co_await send(q, key, std::move(with_value), std::move(draft));
    }
    if (action != "delete")
        co_return site_.message(q, 400, "Nothing to do", "That form asks for nothing that the console does.");
    co_return co_await send(q, key, std::move(c), std::nullopt);
}

// What would not be saved now is not restored either: the gateway or the registry may have learned to refuse
// it since it was saved, or a newer route may be in its place. The value itself is not shown with the reason,
// since nobody asked to see it.
task<http::response> config_changes::restore(http::request q, std::string key) {
    const auto version = number_in(q.form("version"));
    if (const auto old = co_await version_of(key, version)) {
        const auto fault = co_await judge(key, old->media_type, old->bytes);
        if (!fault.empty()) {
            auto v = co_await view_of(key);
            v.fault = "Version " + std::to_string(version) + " was not restored. " + fault;
            co_return render(q, std::move(v));
        }
    }
    http::call c("POST", config_restore_path(key, version));
    co_return co_await send(q, key, std::move(c), std::nullopt);
}

task<http::response> config_changes::send(http::request q, std::string key, http::call c,
                                          std::optional<config_draft> draft) {
    c.headers.set(wire::actor_header, site_.access().actor(q));
    if (const auto reason = asked_reason(q); !reason.empty()) c.headers.set(wire::reason_header, reason);
    make_conditional(c, one_line(q.form("etag").value_or(""), 100));  // what its page showed
    auto call = std::move(c).caused_by(q);
    const auto r = co_await sources_.registry.send(std::move(call));
    const auto trouble = trouble_of(r);
    auto v = co_await view_of(key);
    if (!trouble.empty()) {
        site_.own().log().warn("change_failed", {{"path", q.path()}, {"reason", trouble}});
        v.shows_secret = true;
        v.fault =
            r && r->status == 412 ? "Somebody else has changed this meanwhile: nothing was saved." : trouble;
        if (draft) draft->has_conflict = r && r->status == 412;
        v.draft = std::move(draft);
        co_return render(q, std::move(v));
    }
    const auto version = v.history.empty() ? 0 : v.history.front().version;
    auto answer = http::response::redirect(303, url_of_key(key) + "?saved=" + std::to_string(version));
    if (const auto who = q.form("who").value_or(""); !who.empty())
        answer.header("Set-Cookie", page_access::remember_name(who));
    co_return web::guarded(std::move(answer));
}

}  // namespace distd::ops::console

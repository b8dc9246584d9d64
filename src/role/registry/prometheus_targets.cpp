#include "role/registry/prometheus_targets.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/ascii.hpp"
#include "base/ip_address.hpp"
#include "http/message/registered_url.hpp"
#include "http/message/url.hpp"
#include "role/registry/core/listing.hpp"
#include "role/registry/core/shown_health.hpp"
#include "wire/rules.hpp"

namespace distd::registry {
namespace {

struct target {
    std::string host_and_port;
    std::string metrics_path;  // empty: the usual one
    bool is_https = false;
};

std::optional<target> target_of(const std::string& instance_url) {
    target t;
    const auto u = http::split_peer_url(instance_url);
    if (!u) return std::nullopt;
    t.is_https = u->is_secure;
    t.host_and_port = host_in_url(u->host) + ":" + std::to_string(u->port);
    const auto path = http::without_end_slashes(std::string_view(u->target).substr(0, u->target.find('?')));
    if (!path.empty()) t.metrics_path = std::string(path) + "/metrics";
    return t;
}

// A label's name holds letters, digits and underscores only.
std::string label_part(std::string_view key) {
    std::string part(key);
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '_'; };
    std::ranges::replace_if(
        part, [&](char c) { return !fits(c); }, '_');
    return part;
}

class labels {
public:
    void add(std::string_view name, std::string_view value) {
        if (value.empty()) return;  // to Prometheus the same as none
        text_ += text_.empty() ? "{" : ",";
        append_json_string(text_, name);
        text_ += ':';
        append_json_string(text_, value);
    }
    [[nodiscard]] std::string text() const { return text_ + "}"; }

private:
    std::string text_;
};

void add_extras(labels& all, const registration_extras& extras) {
    all.add("__meta_distd_zone", extras.zone);
    all.add("__meta_distd_version", extras.version);
    std::string tags;
    for (const auto& tag : extras.tags) tags += (tags.empty() ? "," : "") + tag + ",";
    all.add("__meta_distd_tags", tags);  // with commas around, so that ",a," matches one tag exactly
    std::set<std::string> taken;         // "a-b" and "a.b" become the same
    for (const auto& [key, value] : extras.meta)
        if (auto part = label_part(key); taken.insert(part).second)
            all.add("__meta_distd_meta_" + part, value);
}

void append_group(std::string& out, const directory& d, const instance& i) {
    const auto t = target_of(i.that.url);
    if (!t) return;
    out += out.size() > 1 ? ",\n{\"targets\":[" : "{\"targets\":[";
    append_json_string(out, t->host_and_port);
    labels all;
    all.add("__meta_distd_service", i.that.name);
    all.add("__meta_distd_instance_url", i.that.url);
    all.add("__meta_distd_health", health_of(d, i));
    if (i.that.extras) add_extras(all, *i.that.extras);
    all.add("__metrics_path__", t->metrics_path);
    if (t->is_https) all.add("__scheme__", "https");
    out += "],\"labels\":" + all.text() + "}";
}

}  // namespace

std::string prometheus_targets(const directory& d, std::string_view name) {
    std::string out = "[";
    const auto add = [&](const instance& i) {
        if (!i.drain.holds()) append_group(out, d, i);
    };
    if (name.empty())
        for (const auto* i : d.instances().all()) add(*i);
    else
        for (const auto& [url, i] : d.instances().named(name)) add(*i);
    return out + "]";
}

}  // namespace distd::registry

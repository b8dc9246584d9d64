#include "role/registry/core/listing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/json_member.hpp"
#include "base/timestamp.hpp"
#include "role/registry/core/shown_health.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t default_instance_bytes = 256;

void append_drain(std::string& out, const drain_note& drain) {
    if (!drain.holds()) return;
    out += R"(,"Drained":true)";
    append_json_member(out, "DrainedSince", rfc3339(wall_point(milliseconds(drain.since_ms))));
    append_json_member(out, "DrainReason", drain.reason);
}

std::string utc_of(steady_point t, moment now) {
    return rfc3339(now.wall - std::chrono::duration_cast<wall_point::duration>(now.steady - t));
}

// Whether its URL is known to be its registrant's.
void append_proof(std::string& out, const instance& i) {
    if (i.by.proof() == wire::url_proof::confirmed) out += R"(,"Proven":true)";
    if (i.by.proof() == wire::url_proof::none) out += R"(,"Unproven":true)";
}

void append_registration_time(std::string& out, const instance& i) {
    if (i.registered_at_ms > 0)
        append_json_member(out, "RegisteredAt", rfc3339(wall_point(milliseconds(i.registered_at_ms))));
}

// 0.25, 12, 1.005
std::string in_milliseconds(std::chrono::microseconds::rep us) {
    auto text = std::to_string(us / 1000);
    if (us % 1000 == 0) return text;
    const auto fraction = std::to_string(1000 + us % 1000).substr(1);
    return text + '.' + fraction.substr(0, fraction.find_last_not_of('0') + 1);
}

void append_details(std::string& out, const health_engine::probe_details& d) {
    if (d.took) out += R"(,"ProbeMs":)" + in_milliseconds(d.took->count());
    if (!d.failure_answer.empty()) append_json_member(out, "FailureAnswer", d.failure_answer);
}

void append_instance(std::string& out, const directory& d, const instance& i, moment now,
                     bool with_details = false) {
    out += out.size() > 1 ? "," : "";
    append_open_object(out, i.that);
    const auto* const health = d.health().find(i.that.url);
    append_json_member(out, "Health", health_word(health));
    if (health) {
        append_json_member(out, "Since", utc_of(health->since, now));
        append_json_member(out, "Reason", health->reason);
        if (health->is_guarded) out += R"(,"Guarded":true)";
    }
    append_registration_time(out, i);
    append_drain(out, i.drain);
    append_proof(out, i);
    if (with_details) append_details(out, d.health().details_of(i.that.url));
    out += '}';
}

void append_strings(std::string& out, const auto& names);

// One member of an instance, where the whole list has it.
struct listed_field {
    std::string_view name;
    void (*append)(std::string& out, const directory&, const instance&, moment);
};

void append_text(std::string& out, std::string_view name, const std::string& text) {
    if (!text.empty()) append_json_member(out, name, text);
}

constexpr listed_field fields[] = {
    {"ServiceName",
     [](auto& out, auto&, auto& i, auto) { append_json_member(out, "ServiceName", i.that.name); }},
    {"ServiceURL",
     [](auto& out, auto&, auto& i, auto) { append_json_member(out, "ServiceURL", i.that.url); }},
    {"Tags",
     [](auto& out, auto&, auto& i, auto) {
         if (!i.that.extras || i.that.extras->tags.empty()) return;
         out += R"(,"Tags":)";
         append_strings(out, i.that.extras->tags);
     }},
    {"Weight",
     [](auto& out, auto&, auto& i, auto) {
         if (i.that.extras && i.that.extras->weight)
             out += R"(,"Weight":)" + std::to_string(*i.that.extras->weight);
     }},
    {"Zone",
     [](auto& out, auto&, auto& i, auto) {
         if (i.that.extras) append_text(out, "Zone", i.that.extras->zone);
     }},
    {"Version",
     [](auto& out, auto&, auto& i, auto) {
         if (i.that.extras) append_text(out, "Version", i.that.extras->version);
     }},
    {"CertificateSha256",
     [](auto& out, auto&, auto& i, auto) {
         if (i.that.extras) append_text(out, "CertificateSha256", i.that.extras->certificate_sha256);
     }},
    {"Health", [](auto& out, auto& d, auto& i, auto) { append_json_member(out, "Health", health_of(d, i)); }},
    {"Guarded",
     [](auto& out, auto& d, auto& i, auto) {
         const auto* const health = d.health().find(i.that.url);
         if (health && health->is_guarded) out += R"(,"Guarded":true)";
     }},
    {"Drained",
     [](auto& out, auto&, auto& i, auto) {
         if (i.drain.holds()) out += R"(,"Drained":true)";
     }},
    {"Proven",
     [](auto& out, auto&, auto& i, auto) {
         if (i.by.proof() == wire::url_proof::confirmed) out += R"(,"Proven":true)";
     }},
    {"Unproven",
     [](auto& out, auto&, auto& i, auto) {
         if (i.by.proof() == wire::url_proof::none) out += R"(,"Unproven":true)";
     }},
    {"RegisteredAt", [](auto& out, auto&, auto& i, auto) { append_registration_time(out, i); }},
};

void append_fields(std::string& out, const directory& d, const instance& i, moment now,
                   const std::vector<std::string>& chosen) {
    out += out.size() > 1 ? ",{" : "{";
    const auto begin = out.size();
    for (const auto& f : fields)
        if (std::ranges::find(chosen, f.name) != chosen.end()) f.append(out, d, i, now);
    if (out.size() > begin && out[begin] == ',') out.erase(begin, 1);  // of a first member that is no text
    out += '}';
}

void append_strings(std::string& out, const auto& names) {
    out += '[';
    bool is_first = true;
    for (const auto& name : names) {
        if (!std::exchange(is_first, false)) out += ',';
        append_json_string(out, name);
    }
    out += ']';
}

std::set<std::string_view> requirements_of(const catalog::instances_by_url& instances) {
    std::set<std::string_view> names;
    for (const auto& [url, i] : instances)
        names.insert(i->that.required_services.begin(), i->that.required_services.end());
    return names;
}

std::set<std::string_view> names_of(const catalog::instances_by_url& instances) {
    std::set<std::string_view> names;
    for (const auto& [url, i] : instances) names.insert(i->that.name);
    return names;
}

std::size_t offered_of(const catalog::instances_by_url& instances) {
    std::size_t count = 0;
    for (const auto& [url, i] : instances) count += i->offered ? 1 : 0;
    return count;
}

// The rows of an index in the order of their names.
std::map<std::string_view, const catalog::instances_by_url*> sorted(const catalog::index& rows) {
    std::map<std::string_view, const catalog::instances_by_url*> result;
    for (const auto& [name, instances] : rows) result.emplace(name, &instances);
    return result;
}

}  // namespace

std::string all_as_json(const directory& d, moment now) {
    std::string out = "[";
    out.reserve(default_instance_bytes * d.instances().size());
    for (const auto* i : d.instances().all()) append_instance(out, d, *i, now);
    return out + "]";
}

std::string named_as_json(const directory& d, std::string_view name, moment now) {
    std::string out = "[";
    for (const auto& [url, i] : d.instances().named(name)) append_instance(out, d, *i, now);
    return out + "]";
}

std::string filtered_as_json(const directory& d, const list_filter& filter, moment now) {
    std::string out = "[";
    const auto add = [&](const instance& i) {
        if (!filter.matches(d, i)) return;
        if (filter.fields.empty())
            append_instance(out, d, i, now, filter.details);
        else
            append_fields(out, d, i, now, filter.fields);
    };
    if (filter.name.empty())
        for (const auto* i : d.instances().all()) add(*i);
    else
        for (const auto& [url, i] : d.instances().named(filter.name)) add(*i);
    return out + "]";
}

bool can_be_chosen(std::string_view name) {
    return std::ranges::find(fields, name, &listed_field::name) != std::end(fields);
}

std::string names_of_fields() {
    std::string names;
    for (const auto& f : fields) names.append(names.empty() ? "" : ", ").append(f.name);
    return names;
}

std::string graph_as_json(const directory& d) {
    std::string services;
    for (const auto& [name, instances] : sorted(d.instances().by_name())) {
        services += services.empty() ? R"({"name":)" : R"(,{"name":)";
        append_json_string(services, name);
        services += R"(,"instances":)" + std::to_string(instances->size());
        services += R"(,"offered":)" + std::to_string(offered_of(*instances)) + R"(,"requires":)";
        append_strings(services, requirements_of(*instances));
        services += '}';
    }
    std::string missing;
    for (const auto& [name, requiring] : sorted(d.instances().by_requirement())) {
        if (offered_of(d.instances().named(name)) > 0) continue;
        missing += missing.empty() ? R"({"name":)" : R"(,{"name":)";
        append_json_string(missing, name);
        missing += R"(,"required_by":)";
        append_strings(missing, names_of(*requiring));
        missing += '}';
    }
    return R"({"services":[)" + services + R"(],"missing":[)" + missing + "]}";
}

std::size_t drained_of(const catalog& c) {
    return static_cast<std::size_t>(
        std::ranges::count_if(c.all(), [](const auto* i) { return i->drain.holds(); }));
}

std::string status_as_json(const directory& d, std::string_view id, moment now) {
    std::string out = R"({"id":)";
    append_json_string(out, id);
    out += R"(,"revision":)" + std::to_string(d.revision());
    out += R"(,"instances":)" + std::to_string(d.instances().size());
    out += R"(,"watched":)" + std::to_string(d.health().watched());
    out += R"(,"lost":)" + std::to_string(d.health().lost());
    out += R"(,"drained":)" + std::to_string(drained_of(d.instances()));
    const auto& guard = d.health().guard();
    out += R"(,"guard":{"active":)" + std::string(guard.is_on() ? "true" : "false");
    if (guard.is_on()) {
        append_json_member(out, "since", utc_of(guard.since(), now));
        append_json_member(out, "until", utc_of(guard.until(), now));
        append_json_member(out, "reason", guard.reason());
    }
    return out + "}}";
}

}  // namespace distd::registry

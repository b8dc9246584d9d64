#include "role/registry/core/listing.hpp"

#include <set>

#include "role/registry/core/utc.hpp"

namespace distd::registry {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out.append(",\"").append(name).append("\":");
    append_json_string(out, value);
}

void append_instance(std::string& out, const directory& d, const instance& i, moment now) {
    out += out.size() > 1 ? "," : "";
    out += to_wire(i.that);
    out.pop_back();  // the closing brace: the object goes on
    const auto health = d.health().look_up(i.that.url);
    append_member(out, "Health", health ? to_string(health->now) : "unchecked");
    if (health) {
        const auto ago = std::chrono::duration_cast<wall_point::duration>(now.steady - health->since);
        append_member(out, "Since", utc(now.wall - ago));
        append_member(out, "Reason", health->reason);
    }
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

}  // namespace

std::string all_as_json(const directory& d, moment now) {
    std::string out = "[";
    for (const auto& [url, i] : d.instances().all()) append_instance(out, d, *i, now);
    return out + "]";
}

std::string named_as_json(const directory& d, std::string_view name, moment now) {
    std::string out = "[";
    for (const auto& [url, i] : d.instances().named(name)) append_instance(out, d, *i, now);
    return out + "]";
}

std::string graph_as_json(const directory& d) {
    std::string services;
    for (const auto& [name, instances] : d.instances().by_name()) {
        services += services.empty() ? R"({"name":)" : R"(,{"name":)";
        append_json_string(services, name);
        services += R"(,"instances":)" + std::to_string(instances.size());
        services += R"(,"offered":)" + std::to_string(offered_of(instances)) + R"(,"requires":)";
        append_strings(services, requirements_of(instances));
        services += '}';
    }
    std::string missing;
    for (const auto& [name, requiring] : d.instances().by_requirement()) {
        if (offered_of(d.instances().named(name)) > 0) continue;
        missing += missing.empty() ? R"({"name":)" : R"(,{"name":)";
        append_json_string(missing, name);
        missing += R"(,"required_by":)";
        append_strings(missing, names_of(requiring));
        missing += '}';
    }
    return R"({"services":[)" + services + R"(],"missing":[)" + missing + "]}";
}

}  // namespace distd::registry

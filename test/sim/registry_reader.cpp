#include "sim/registry_reader.hpp"

#include <boost/json.hpp>
#include <cstdlib>

#include "sim/world.hpp"

namespace distd::sim {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& o, const char* name) {
    const auto* const v = o.if_contains(name);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

// Of what the registry found out by itself: these it may show before they are on disk.
bool is_verdict(const std::string& type) {
    return type == "lost" || type == "back" || type == "gone" || type.starts_with("guard") ||
           type == "in_doubt";
}

}  // namespace

void registry_reader::see_index(const peer_answer& a) {
    const auto id = a.header("X-Distd-Registry");
    if (id_.empty()) id_ = id;
    if (id != id_) throw broken_promise("durable registration: the registry's data is another's: " + id);
    const auto shown = std::strtoull(a.header("X-Distd-Index").c_str(), nullptr, 10);
    if (shown < index_)
        throw broken_promise("indexes never go backwards: " + std::to_string(shown) + " after " +
                             std::to_string(index_));
    index_ = shown;
}

std::vector<listed_instance> registry_reader::read_list(const peer_answer& a) {
    see_index(a);
    std::vector<listed_instance> all;
    const auto parsed = json::parse(a.body);
    for (const auto& one : parsed.as_array()) {
        const auto& o = one.as_object();
        all.push_back({text_of(o, "ServiceName"), text_of(o, "ServiceURL"), text_of(o, "Health"),
                       o.contains("Drained")});
    }
    return all;
}

void registry_reader::read_timeline(const peer_answer& a) {
    std::uint64_t last = 0;
    std::map<std::uint64_t, std::string> seen;
    const auto parsed = json::parse(a.body);
    for (const auto& one : parsed.as_array()) {
        const auto& o = one.as_object();
        const auto index = static_cast<std::uint64_t>(o.at("Index").to_number<std::int64_t>());
        const auto type = text_of(o, "Type");
        if (index <= last)
            throw broken_promise("durable timeline: " + type + " of " + text_of(o, "URL") + " with index " +
                                 std::to_string(index) + " comes after " + std::to_string(last));
        last = index;
        if (!is_verdict(type)) seen[index] = json::serialize(o);
    }
    see_events(seen);
}

void registry_reader::see_events(const std::map<std::uint64_t, std::string>& seen) {
    for (const auto& [index, text] : events_) {
        const auto found = seen.find(index);
        if (found == seen.end()) throw broken_promise("durable timeline: " + text + " is gone");
        if (found->second != text)
            throw broken_promise("durable timeline: " + text + " became " + found->second);
    }
    events_ = seen;
}

}  // namespace distd::sim

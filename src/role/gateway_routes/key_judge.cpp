#include "role/gateway_routes/key_judge.hpp"

#include <boost/json/object.hpp>
#include <distd/json.hpp>
#include <map>

#include "role/gateway_routes/route_table.hpp"

namespace distd::gateway_routes {
namespace {

constexpr std::string_view routes_directory = "routes/";

std::string written(const held_place& p) {
    return to_text(boost::json::object{{"service", p.service}, {"host", p.host}, {"prefix", p.prefix}});
}

}  // namespace

std::optional<std::set<std::string>> read_exposed_names(const std::string& text, std::string& fault) {
    json_error error;
    const auto names = from_json<std::vector<std::string>>(text, error);
    fault = error.text;
    if (!names) return std::nullopt;
    return std::set<std::string>(names->begin(), names->end());
}

std::string fault_in_gateway_value(std::string_view key, const std::string& text,
                                   const std::vector<held_place>& held, std::string_view own_host) {
    std::string fault;
    if (key == "services") {
        (void)read_exposed_names(text, fault);
        return fault;
    }
    if (!key.starts_with(routes_directory)) return {};
    const auto name = std::string(key.substr(routes_directory.size()));
    std::map<std::string, std::string> values;
    for (const auto& p : held)
        if (p.name != name) values[p.name] = written(p);
    const auto others = route_table::from(values, {}, own_host);
    values[name] = text;
    const auto with_it = route_table::from(values, *others, own_host);
    for (const auto& e : with_it->errors())
        if (e.key == "gateway/" + std::string(key)) return e.what;
    return {};
}

}  // namespace distd::gateway_routes

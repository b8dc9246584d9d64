#include "sdk/registration/own_extras.hpp"

#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"

namespace distd {
namespace {

constexpr const char* tags_setting = "instance-tags";
constexpr const char* zone_setting = "instance-zone";
constexpr const char* weight_setting = "instance-weight";
constexpr std::int64_t default_weight = 1;

// The rules of the wire are the ones that hold.
extras_ptr judged(const json::object& members, const std::string& place) {
    json_error error;
    auto read = read_extras(json::value(members), error);
    if (!error.text.empty()) throw settings_error(place + ": " + error.text);
    return read;
}

}  // namespace

std::vector<setting> own_extras_rows() {
    using enum setting_kind;
    return {{.name = tags_setting,
             .kind = texts,
             .fallback = "",
             .help = "Tags of this process' instances in the registry; gateway: the portal passes requests "
                     "on to them",
             .placeholder = "TAG,...",
             .repeatable = true},
            {.name = zone_setting,
             .kind = text,
             .fallback = "",
             .help = "Where this process runs, told to the registry: who asks its instances may prefer "
                     "those of its own zone",
             .placeholder = "ZONE"},
            {.name = weight_setting,
             .kind = integer,
             .fallback = "1",
             .help = "How much of the load its instances should get, compared with others of their name; 0: "
                     "none",
             .min = 0,
             .max = 65'535}};
}

extras_ptr own_extras(const settings& given, const std::vector<std::string>& tags,
                      const std::string& version) {
    auto all_tags = given.list(tags_setting);
    judged({{"Tags", to_json(all_tags)}},
           value_place(tags_setting, joined(all_tags, ","), given.origin(tags_setting)));
    const auto& zone = given.text(zone_setting);
    judged({{"Zone", zone}}, value_place(zone_setting, zone, given.origin(zone_setting)));
    all_tags.insert(all_tags.end(), tags.begin(), tags.end());
    json::object members{{"Tags", to_json(all_tags)}, {"Zone", zone}, {"Version", version}};
    if (const auto weight = given.integer(weight_setting); weight != default_weight)
        members["Weight"] = weight;
    return judged(members, "the service's own tags and version");
}

}  // namespace distd

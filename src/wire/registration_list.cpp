#include "wire/registration_list.hpp"

#include <boost/json/array.hpp>
#include <distd/json.hpp>

namespace distd::wire {

std::optional<boost::json::object> find_registration(std::string_view list, std::string_view url) {
    json_error ignored;
    auto instances = parse_json(list, ignored);
    if (!instances || !instances->is_array()) return std::nullopt;
    for (auto& one : instances->get_array()) {
        const auto* found = one.is_object() ? find_field(one.get_object(), "ServiceURL") : nullptr;
        if (found && found->is_string() && std::string_view(found->get_string()) == url)
            return std::move(one.get_object());
    }
    return std::nullopt;
}

}  // namespace distd::wire

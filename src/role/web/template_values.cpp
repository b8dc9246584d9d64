#include "role/web/template_values.hpp"

namespace distd::web {

boost::json::value text(std::string_view s) {
    return boost::json::value(boost::json::string_view(s.data(), s.size()));
}

boost::json::value unless_empty(std::string_view s) {
    return s.empty() ? boost::json::value(nullptr) : text(s);
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

}  // namespace distd::web

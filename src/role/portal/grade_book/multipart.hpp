// A strict parser of multipart/form-data (RFC 7578), for forms with a file. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace distd::portal {

using form_parts = std::vector<std::pair<std::string, std::string>>;  // names and contents, in order

// nullopt for an invalid form: no boundary, a part without a name, or no closing boundary.
[[nodiscard]] std::optional<form_parts> split_multipart(std::string_view content_type, std::string_view body);

}  // namespace distd::portal

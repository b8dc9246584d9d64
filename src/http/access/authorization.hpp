// What an Authorization field shows. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::http {

// The token of a bearer, or the password of whatever user.
[[nodiscard]] std::string secret_in(std::string_view field);

// The id of the access token that it shows, or that its proof was made with (see call_proof); empty: neither.
// It says nothing before somebody has judged the field.
[[nodiscard]] std::string key_id_in(std::string_view field);

}  // namespace distd::http

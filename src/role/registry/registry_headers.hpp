// What all answers of a registry about services have in common.
#pragma once

#include <distd/http.hpp>
#include <string>
#include <type_traits>
#include <utility>

#include "wire/header_names.hpp"

namespace distd::registry {

// Registries of our kind say so in every answer: a service may then ask whether it is known, and register as
// often as it likes. The value names the data; another one means that it was lost.
template <class Answer>  // a response, or a handler's result
requires(!std::is_lvalue_reference_v<Answer>) Answer signed_by(const std::string& registry_id, Answer&& r) {
    r.header(wire::registry_id_header, registry_id);
    return std::move(r);
}

}  // namespace distd::registry

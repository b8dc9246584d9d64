// Members of JSON objects that are written straight into a text.
#pragma once

#include <cstdint>
#include <distd/json.hpp>
#include <string>
#include <string_view>

namespace distd {

// `"name":"text"`, with a comma in front unless the object has just begun. `name` needs no escapes.
inline void append_json_member(std::string& out, std::string_view name, std::string_view text) {
    if (!out.ends_with('{')) out += ',';
    out.append("\"").append(name).append("\":");
    append_json_string(out, text);
}

inline void append_json_member(std::string& out, std::string_view name, std::uint64_t number) {
    if (!out.ends_with('{')) out += ',';
    out.append("\"").append(name).append("\":").append(std::to_string(number));
}

}  // namespace distd

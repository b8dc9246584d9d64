// Text from outside between the tags of a drawing. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::ops::console {

inline void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text)
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
}

}  // namespace distd::ops::console

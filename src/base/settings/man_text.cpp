#include "base/settings/man_text.hpp"

namespace distd {

std::string troff(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            case '\'': out += "\\(aq"; break;
            case '`': out += "\\(ga"; break;
            case '^': out += "\\(ha"; break;
            case '~': out += "\\(ti"; break;
            case '\n': out += ' '; break;
            default: out += c;
        }
    }
    return out.starts_with('.') ? "\\&" + out : out;  // a dot at the start of a line is a request
}

}  // namespace distd

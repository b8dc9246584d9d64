#include "sdk/log_shipping/shipped_line.hpp"

#include <algorithm>
#include <distd/json.hpp>

namespace distd {

void append_shipped_line(std::string& out, std::string_view stamp, std::string_view service, log_level level,
                         std::string_view message) {
    out += "{\"time\":\"";
    out += stamp;
    out += "\",\"service\":";
    append_json_string(out, service);
    out += ",\"level\":\"";
    out += to_string(level);
    out += "\",\"message\":";
    append_json_string(out, message);
    out += "}\n";
}

std::optional<std::string> plain_text(std::string_view line, const std::string& service) {
    json_error ignored;
    const auto v = parse_json(line, ignored);
    if (!v || !v->is_object()) return std::nullopt;
    const auto* message = v->get_object().if_contains("message");
    if (!message || !message->is_string()) return std::nullopt;
    auto text = "[" + service + "] - " + std::string(std::string_view(message->get_string()));
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return text += '\n';
}

}  // namespace distd

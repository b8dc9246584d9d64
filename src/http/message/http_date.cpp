#include "http/message/http_date.hpp"

#include <array>
#include <chrono>
#include <ctime>

#include "base/timestamp.hpp"

namespace distd::http {
namespace {

constexpr const char* form = "%a, %d %b %Y %H:%M:%S GMT";

}  // namespace

std::string http_date(wall_point t) {
    const auto seconds = std::chrono::system_clock::to_time_t(t);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    const auto size = std::strftime(text.data(), text.size(), form, &parts);
    return {text.data(), size};
}

std::optional<wall_point> parse_http_date(const std::string& text) {
    std::tm parts{};
    if (text.empty() || !::strptime(text.c_str(), form, &parts)) return std::nullopt;
    return nearest_wall_point(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace distd::http

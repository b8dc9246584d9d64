// URLs and escapes on anything: what was split prints and splits into the same; what was decoded encodes
// back.
#include <algorithm>
#include <cstdint>

#include "http/message/path_readings.hpp"
#include "http/message/url.hpp"
#include "require.hpp"

using distd::test::require;

using namespace distd::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string error;
    for (const auto& found : {split_url(text, error), split_peer_url(text, error)}) {
        if (!found) {
            require(!error.empty() && error.find_first_of("\r\n") == std::string::npos);
            continue;
        }
        require(found->port != 0 && !found->host.empty() && found->target.starts_with('/'));
        require(found->authority().find_first_of(std::string_view("\r\n \0@/", 6)) == std::string::npos);
        require(found->target.find_first_of(std::string_view("\r\n \0#", 5)) == std::string::npos);
        require(split_url(found->text(), error) == found);
    }
    // Of bounded work, and all that can be made of them is among them.
    const auto path = "/" + std::string(text);
    if (const auto readings = other_readings(path)) {
        require(readings->size() <= max_path_readings);
        for (const auto& one : *readings)
            for (const auto& further : other_readings(one).value_or(std::vector<std::string>{}))
                require(further == path || std::ranges::find(*readings, further) != readings->end());
    }
    if (const auto decoded = percent_decode(text))
        require(percent_decode(percent_encode(*decoded)) == decoded);
    if (const auto decoded = form_decode(text)) require(form_decode(percent_encode(*decoded)) == decoded);
    if (const auto value = form_value(text, "a")) require(value->size() <= text.size());
    return 0;
}

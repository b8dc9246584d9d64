// Any bytes: the parser takes them or says why not, and what it took is written as text that it takes again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <distd/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    distd::json_error error;
    const auto value = distd::parse_json(text, error);
    if (!value) {
        if (error.text.empty()) std::abort();
        std::string quoted;
        distd::append_json_string(quoted, text);  // text that was refused is what lands in logs
        if (!distd::parse_json(quoted, error)) std::abort();
        return 0;
    }
    if (!distd::parse_json(distd::to_text(*value), error)) std::abort();
    return 0;
}

// Any bytes: the parser takes them or says why not, and what it took is written as text that it takes again.
#include <cstddef>
#include <cstdint>
#include <distd/json.hpp>

#include "require.hpp"

using distd::test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    distd::json_error error;
    const auto value = distd::parse_json(text, error);
    if (!value) {
        require(!error.text.empty());
        std::string quoted;
        distd::append_json_string(quoted, text);  // text that was refused is what lands in logs
        require(distd::parse_json(quoted, error).has_value());
        return 0;
    }
    require(distd::parse_json(distd::to_text(*value), error).has_value());
    return 0;
}

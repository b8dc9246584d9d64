// Patches: what is taken is read back as the same once written; what is refused has a reason.
#include <cstdint>

#include "require.hpp"
#include "wire/patch.hpp"

using distd::test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace distd;
    json_error error;
    const auto p = parse_patch({reinterpret_cast<const char*>(data), size}, error);
    if (!p) {
        require(!error.text.empty());
        return 0;
    }
    json_error none;
    require(parse_patch(to_wire(*p), none) == p);
    return 0;
}

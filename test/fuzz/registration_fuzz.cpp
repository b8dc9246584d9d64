// Registrations: what is taken obeys the rules and is read back as the same once written; what is refused has
// a reason.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/registration.hpp"
#include "wire/rules.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace distd;
    json_error error;
    const auto r = parse_registration({reinterpret_cast<const char*>(data), size}, error);
    if (!r) {
        require(!error.text.empty());
        return 0;
    }
    require(wire::problem_with_name(r->name, "").empty());
    require(wire::problem_with_url(r->url, "").empty());
    json_error none;
    require(parse_registration(to_wire(*r), none) == r);
    return 0;
}

// Registrations: what is taken obeys the rules and is read back as the same once written; what is refused has
// a reason; what is read in the quick way reads the same in the thorough one.
#include <cstdint>
#include <string_view>

#include "require.hpp"
#include "wire/plain_registration.hpp"
#include "wire/registration.hpp"
#include "wire/rules.hpp"

using distd::test::require;

namespace {

void compare(const distd::json::value& v, const char* name, const std::string& read) {
    const auto* field = distd::find_field(v.get_object(), name);
    if (!field || field->is_null()) return require(read.empty());
    require(field->is_string() && std::string_view(field->get_string()) == read);
}

void compare_ways(std::string_view text) {
    using namespace distd;
    registration r;
    if (!wire::read_plain_registration(text, r)) return;
    json_error error;
    const auto v = parse_json(text, error);
    require(v && v->is_object());
    compare(*v, "ServiceName", r.name);
    compare(*v, "ServiceURL", r.url);
    compare(*v, "ServiceUpdateURL", r.update_url);
    compare(*v, "HeartbeatURL", r.heartbeat_url);
    const auto* list = find_field(v->get_object(), "RequiredServices");
    if (!list || list->is_null()) return require(r.required_services.empty());
    require(from_json<std::vector<std::string>>(*list, error) == r.required_services);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace distd;
    compare_ways({reinterpret_cast<const char*>(data), size});
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

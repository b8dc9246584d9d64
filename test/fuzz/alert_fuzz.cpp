// Alerts on anything: what is taken fills in a message, in JSON as JSON; what is refused has a reason.
#include <cstdint>
#include <distd/json.hpp>
#include <string>
#include <string_view>

#include "require.hpp"
#include "role/registry/alerts/alert_settings.hpp"
#include "role/registry/alerts/alert_text.hpp"

using distd::test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace distd;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string fault;
    const auto read = registry::read_alert(text, fault);
    require(read.has_value() == fault.empty());
    if (!read) return 0;
    registry::alert_message m;
    m.service = m.reason = m.console = std::string(text.substr(0, 300));
    const auto body = registry::filled(read->body, read->is_json, m);
    json_error error;
    require(!read->is_json || parse_json(body, error));
    static_cast<void>(read->names(m.service));
    return 0;
}

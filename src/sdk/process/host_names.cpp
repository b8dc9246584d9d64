#include "sdk/process/host_names.hpp"

#include <boost/asio/ip/host_name.hpp>

#include "base/settings/options_values.hpp"
#include "http/message/url.hpp"

namespace distd {
namespace {

constexpr const char* names_setting = "allowed-hosts";

}  // namespace

setting host_names_row() {
    return {.name = names_setting,
            .kind = setting_kind::texts,
            .fallback = "",
            .help =
                "Host names that requests may be sent to, besides addresses, localhost, this machine's "
                "name and those of --advertise: NAME, *.NAME for all below it, * for any; others are "
                "answered 421",
            .placeholder = "NAME,...",
            .repeatable = true};
}

http::own_names own_host_names(const settings& given, const std::vector<std::string>& urls,
                               const std::string& advertised) {
    http::own_names names;
    for (const auto& name : given.list(names_setting)) {
        if (const auto fault = http::own_names::fault_in(name); !fault.empty())
            throw settings_error(value_place(names_setting, name, given.origin(names_setting)) + ": " +
                                 fault);
        names.add_host(name);
    }
    boost::system::error_code unknown;
    const auto machine = boost::asio::ip::host_name(unknown);
    names.add_host(machine);
    names.add_alias(machine.substr(0, machine.find('.')));
    for (const auto& text : urls)
        if (const auto where = http::split_url(text)) names.add_alias(where->host);
    if (const auto where = http::split_peer_url(advertised)) names.add_authority(where->authority());
    return names;
}

}  // namespace distd

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

http::allowed_hosts own_host_names(const settings& given, const std::vector<std::string>& urls) {
    auto names = given.list(names_setting);
    for (const auto& name : names)
        if (const auto fault = http::allowed_hosts::fault_in(name); !fault.empty())
            throw settings_error(value_place(names_setting, name, given.origin(names_setting)) + ": " +
                                 fault);
    boost::system::error_code unknown;
    const auto machine = boost::asio::ip::host_name(unknown);
    names.push_back(machine);
    names.push_back(machine.substr(0, machine.find('.')));
    http::url_error ignored;
    for (const auto& text : urls)
        if (const auto where = http::split_url(text, ignored)) names.push_back(where->host);
    return http::allowed_hosts(std::move(names));
}

}  // namespace distd

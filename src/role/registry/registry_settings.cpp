#include "role/registry/registry_settings.hpp"

#include <utility>

#include "base/settings/setting_group.hpp"
#include "role/address_setting.hpp"
#include "role/registry/config/config_routes.hpp"

namespace distd::registry {
namespace {

std::vector<setting> quota_rows() {
    using enum setting_kind;
    return in_group("Registry", {{.name = "registry-max-instances",
                                  .kind = integer,
                                  .fallback = "100000",
                                  .help = "How many instances may be registered at a time",
                                  .min = 1,
                                  .max = 10'000'000},
                                 {.name = "registry-max-per-address",
                                  .kind = integer,
                                  .fallback = "100000",
                                  .help = "How many instances may be registered from one address at a time",
                                  .min = 1,
                                  .max = 10'000'000},
                                 {.name = "registry-max-bytes-per-address",
                                  .kind = size,
                                  .fallback = "32MiB",
                                  .help = "How large all registrations from one address may be together",
                                  .min = 4096,
                                  .max = std::int64_t{1} << 40},
                                 {.name = "registry-max-bytes",
                                  .kind = size,
                                  .fallback = "64MiB",
                                  .help = "How large all registrations may be together",
                                  .min = 4096,
                                  .max = std::int64_t{1} << 40}});
}

std::vector<setting> call_rows() {
    using enum setting_kind;
    return in_group(
        "Registry",
        {{.name = "registry-max-probes-per-host",
          .kind = integer,
          .fallback = "1000",
          .help =
              "How many probes go to one host in a second at most, to this machine's loopback ten times as "
              "many; what is over it is spread over a longer time",
          .min = 1,
          .max = 1'000'000},
         {.name = allow_setting,
          .kind = texts,
          .fallback = "",
          .help = "Where a registration may make us send probes and patches: loopback, private, any, "
                  "addresses and networks such as 10.1.0.0/16; without it loopback, and private as well "
                  "when we listen beyond loopback",
          .repeatable = true}});
}

}  // namespace

std::vector<setting> setting_rows() {
    using enum setting_kind;
    constexpr std::int64_t day = 24 * 3600 * 1000;
    auto all = in_group(
        "Registry", {{.name = "registry-deregister-after",
                      .kind = duration,
                      .fallback = "1m",
                      .help = "How long an instance may be lost before it is taken out",
                      .min = 100,
                      .max = 365 * day},
                     {.name = "registry-probe-timeout",
                      .kind = duration,
                      .fallback = "2s",
                      .help = "How long a health probe waits for its answer",
                      .min = 10,
                      .max = 60'000},
                     {.name = "registry-guard-time",
                      .kind = duration,
                      .fallback = "1m",
                      .help = "How long nobody is taken out when most instances fail at once; 0s: not at all",
                      .max = day}});
    for (auto& one : quota_rows()) all.push_back(std::move(one));
    for (auto& one : call_rows()) all.push_back(std::move(one));
    for (auto& one : config_rows()) all.push_back(std::move(one));
    return all;
}

registry_rules rules_of(const settings& s) {
    registry_rules rules;
    rules.heartbeat_interval = s.duration("heartbeat-interval");
    rules.probe_timeout = s.duration("registry-probe-timeout");
    rules.deregister_after = s.duration("registry-deregister-after");
    rules.guard_time = s.duration("registry-guard-time");
    const auto number = [&s](const char* name) { return static_cast<std::size_t>(s.integer(name)); };
    rules.max_instances_in_all = number("registry-max-instances");
    rules.per_address.max_instances = number("registry-max-per-address");
    rules.per_address.max_bytes = static_cast<std::size_t>(s.size("registry-max-bytes-per-address"));
    rules.per_address.max_bytes_in_all = static_cast<std::size_t>(s.size("registry-max-bytes"));
    rules.max_probes_per_host = number("registry-max-probes-per-host");
    rules.allowed = addresses_in(s, allow_setting);
    return rules;
}

}  // namespace distd::registry

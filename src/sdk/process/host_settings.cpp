#include "sdk/process/host_settings.hpp"

#include "base/settings/setting_group.hpp"
#include "sdk/process/host_names.hpp"
#include "sdk/registration/own_extras.hpp"

namespace distd {
namespace {

using enum setting_kind;

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t tebibyte = std::int64_t{1} << 40;

std::vector<setting> service_rows() {
    return {
        {.name = "listen",
         .kind = texts,
         .fallback = "",
         .help = "Where to listen: HOST:PORT, HOST or :PORT, as NAME=HOST:PORT for one role of several; "
                 "port 0 is any free one, which is announced",
         .placeholder = "ADDRESS,...",
         .repeatable = true},
        {.name = "tls-listen",
         .kind = texts,
         .fallback = "",
         .help = "Where to listen with TLS, beside --listen: HOST:PORT, as NAME=HOST:PORT for one role of "
                 "several; needs --tls-cert-file",
         .placeholder = "ADDRESS,...",
         .repeatable = true},
        {.name = "advertise",
         .kind = texts,
         .fallback = "",
         .help = "Where others reach this process, told to the registry: URL, or NAME=URL for one role of "
                 "several; without it, the address it listens on",
         .placeholder = "URL,...",
         .repeatable = true},
        {.name = "registry",
         .kind = urls,
         .fallback = "http://127.0.0.1:3000",
         .help = "Registries, tried in this order",
         .repeatable = true},
        {.name = "data-dir",
         .kind = path,
         .fallback = "data",
         .help = "Folder for everything that is kept; made with mode 0700"},
        {.name = "heartbeat-interval",
         .kind = duration,
         .fallback = "3s",
         .help = "Time between two probes of a service's health",
         .min = 10,
         .max = hour},
        {.name = "wait-for-dependencies",
         .kind = duration,
         .fallback = "0s",
         .help = "How long to wait for required services before being ready; 0s does not wait",
         .max = 24 * hour},
        {.name = "drain-timeout",
         .kind = duration,
         .fallback = "10s",
         .help = "Time for open requests to finish after SIGTERM",
         .max = hour},
    };
}

std::vector<setting> security_rows() {
    return {
        {.name = "access-token-file",
         .kind = path,
         .fallback = "",
         .help = "Bearer tokens, one per line, of which callers must show one; needed to listen where "
                 "other machines can reach it",
         .placeholder = "FILE"},
        {.name = "tls-cert-file",
         .kind = texts,
         .fallback = "",
         .help = "Certificates for --tls-listen (PEM: the server's own, then those who vouch for it), the "
                 "key in the same file or in --tls-key-file; clients get the one for the name that they "
                 "call, else the first",
         .placeholder = "FILE,...",
         .repeatable = true},
        {.name = "tls-key-file",
         .kind = texts,
         .fallback = "",
         .help = "The keys of these certificates, in the same order",
         .placeholder = "FILE,...",
         .repeatable = true},
        {.name = "tls-ca-file",
         .kind = path,
         .fallback = "",
         .help = "Certificates of those who vouch for peers with https:// (PEM), instead of the system's; "
                 "alerts and ACME believe both",
         .placeholder = "FILE"},
        {.name = "insecure",
         .kind = on_off,
         .fallback = "off",
         .help = "Listen where other machines can reach it, without access tokens"},
        host_names_row(),
    };
}

std::vector<setting> logging_rows() {
    return {
        {.name = "log-level",
         .kind = choice,
         .fallback = "info",
         .help = "The least important lines that are written",
         .choices = {"debug", "info", "warn", "error"}},
        {.name = "log-format",
         .kind = choice,
         .fallback = "auto",
         .help = "Form of log lines; auto is short lines for people on a terminal and JSON lines otherwise",
         .choices = {"auto", "text", "json"}},
        {.name = "access-log", .kind = on_off, .fallback = "on", .help = "Write a line for each request"},
        {.name = "spool-limit",
         .kind = size,
         .fallback = "16MiB",
         .help = "Disk space for log lines while no log service can be reached",
         .max = tebibyte},
    };
}

std::vector<setting> limit_rows() {
    return {
        {.name = "max-connections",
         .kind = integer,
         .fallback = "16384",
         .help = "Open connections; one more is answered 503 and closed",
         .min = 1,
         .max = 1'000'000},
        {.name = "max-requests",
         .kind = integer,
         .fallback = "2048",
         .help =
             "Requests that are worked on at once, and as many answers that are sent bit by bit; one more "
             "is answered 503",
         .min = 1,
         .max = 1'000'000},
        {.name = "max-request-memory",
         .kind = size,
         .fallback = "256MiB",
         .help = "Memory for connections and for requests and their bodies until they are answered; beyond "
                 "it they are answered 503",
         .min = 1 << 20,
         .max = tebibyte},
        {.name = "source-share",
         .kind = integer,
         .fallback = "50",
         .help = "Percent of these, and of other things that clients share, that one source address may "
                 "have; beyond it: 429. 100 where all come through a proxy",
         .min = 1,
         .max = 100},
        {.name = "header-timeout",
         .kind = duration,
         .fallback = "10s",
         .help = "Time for the head of a request to arrive, and for a new connection to say something",
         .min = 10,
         .max = hour},
        {.name = "body-timeout",
         .kind = duration,
         .fallback = "30s",
         .help = "Time between two pieces of a body",
         .min = 10,
         .max = hour},
        {.name = "idle-timeout",
         .kind = duration,
         .fallback = "75s",
         .help = "Time for which a connection may stay open without a request",
         .min = 10,
         .max = 24 * hour},
    };
}

std::vector<setting> configuration_rows() {
    return {
        {.name = "config",
         .kind = path,
         .fallback = "",
         .help = "Config file with lines `name = value`",
         .placeholder = "FILE"},
        {.name = "print-config",
         .kind = on_off,
         .fallback = "off",
         .help = "Print the settings in effect as a config file, then exit",
         .flag_only = true},
        {.name = "check-config",
         .kind = on_off,
         .fallback = "off",
         .help = "Check the settings without starting, then exit",
         .flag_only = true},
        {.name = "help",
         .kind = on_off,
         .fallback = "off",
         .help = "Print this, then exit",
         .flag_only = true},
        {.name = "version",
         .kind = on_off,
         .fallback = "off",
         .help = "Print the version, then exit",
         .flag_only = true},
        {.name = "man-options",
         .kind = on_off,
         .fallback = "off",
         .help = "Print the option list of the man page, then exit",
         .flag_only = true,
         .hidden = true},
    };
}

constexpr const char* closing_help = R"(
A setting is taken from its flag, else from its environment variable, else from
the file that --config names (lines `name = value`), else it is the default.

Exit codes:
  0  a clean stop, or what was asked for has been printed
  1  cannot start: an address in use, a data folder that cannot be used
  2  a setting cannot be used; standard error names it and says what is right
  3  stopped, but tasks would not end and were left behind
  70 stopped in order because of a bug, which the log names
)";

void append(std::vector<setting>& table, std::vector<setting> rows) {
    for (auto& row : rows) table.push_back(std::move(row));
}

}  // namespace

std::vector<setting> host_settings() {
    std::vector<setting> table;
    append(table, in_group("Service", service_rows()));
    append(table, in_group("Service", own_extras_rows()));
    append(table, in_group("Security", security_rows()));
    append(table, in_group("Logging", logging_rows()));
    append(table, in_group("Limits", limit_rows()));
    append(table, in_group("Configuration", configuration_rows()));
    return table;
}

std::optional<std::string> early_answer(const settings_parser& parser,
                                        const std::vector<std::string>& arguments, const std::string& program,
                                        const std::string& usage) {
    if (settings_parser::asks_for(arguments, "help")) return parser.help(usage) + closing_help;
    if (settings_parser::asks_for(arguments, "version")) return program + " " + DISTD_VERSION + "\n";
    if (settings_parser::asks_for(arguments, "man-options")) return parser.man_options();
    return {};
}

}  // namespace distd

#include "sdk/process/command_line.hpp"

#include <unistd.h>

#include <cstdio>

#include "base/line_writer.hpp"
#include "base/local_time.hpp"
#include "base/terminal_text.hpp"
#include "sdk/process/host_names.hpp"
#include "sdk/process/host_settings.hpp"
#include "sdk/process/tls_files.hpp"
#include "sdk/process/token_file.hpp"
#include "sdk/registration/own_extras.hpp"

namespace distd {
namespace {

int print(const std::string& text) {
    const bool complete =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return complete ? exit_codes::clean : exit_codes::cannot_start;
}

int say(const char* what, int code) {
    write_last_words("distd: " + std::string(what) + "\n");
    return code;
}

log_sink::setup sink_setup(const settings& config) {
    log_sink::setup setup;
    const auto& format = config.text("log-format");
    setup.format = format == "text" ? log_format::text : log_format::json;
    if (format == "auto" && terminal_of(STDERR_FILENO).is_terminal) {
        setup.format = log_format::terminal;
        setup.screen = [] { return for_lines(terminal_of(STDERR_FILENO)); };
        setup.time_offset = local_time_offset;
    }
    for (auto l : {log_level::debug, log_level::info, log_level::warn, log_level::error})
        if (config.text("log-level") == to_string(l)) setup.min = l;
    setup.access_lines = config.on("access-log");
    return setup;
}

}  // namespace

std::optional<int> take_command_line(const command_line& given, std::optional<settings>& out) {
    try {
        const settings_parser parser(given.table);
        if (const auto answer = early_answer(parser, given.arguments, given.program, given.usage))
            return print(*answer);
        out = parser.parse({given.arguments, own_environment()});
        if (out->on("print-config")) return print(parser.effective(*out));
        static_cast<void>(places_of(*out, given.listeners(*out)));
        static_cast<void>(own_extras(*out));
        static_cast<void>(own_host_names(*out, {}));
        if (out->on("check-config")) return print("distd: the settings can be used\n");
        return std::nullopt;
    } catch (const settings_error& e) {
        return say(e.what(), exit_codes::bad_settings);
    }
}

std::vector<host::place> places_of(const settings& given, const std::vector<listener>& listeners) {
    const auto listening = resolve_listen(given.list("listen"), given.origin("listen"), listeners);
    const auto advertised = resolve_advertise(given.list("advertise"), given.origin("advertise"), listeners);
    const auto& tokens = given.text("access-token-file");
    if (!tokens.empty()) static_cast<void>(read_token_file(tokens));
    const auto with_tls =
        resolve_tls_listen(given.list("tls-listen"), given.origin("tls-listen"), listeners, listening);
    for (const auto* all : {&listening, &with_tls})
        for (const auto& [name, where] : *all)
            check_exposure(name, where, !tokens.empty(), given.on("insecure"));
    static_cast<void>(roots_of(given));
    const auto certificates = certificate_files_of(given);
    for (const auto& files : certificates) static_cast<void>(read_certificate(files));
    const bool has_certificate =
        !certificates.empty() || std::ranges::any_of(listeners, &listener::brings_certificate);
    if (!with_tls.empty() && !has_certificate)
        throw settings_error("--tls-listen: there is no certificate to be shown; set --tls-cert-file=FILE");
    // With one, a socket for TLS may be inherited: that is known at the start only.
    for (const auto& l : listeners)
        check_encryption(l.name, l.needs_tls, has_certificate || with_tls.contains(l.name));
    std::vector<host::place> places;
    for (const auto& l : listeners) {
        const auto url = advertised.find(l.name);
        const auto tls = with_tls.find(l.name);
        places.push_back({l.name, listening.at(l.name), url == advertised.end() ? std::string() : url->second,
                          tls == with_tls.end() ? std::nullopt : std::optional(tls->second), l.needs_tls});
    }
    return places;
}

int run_process(const settings& given, const std::function<void(host&)>& fill) {
    try {
        // One thread runs it: sockets need no locks. Others may post.
        boost::asio::io_context loop(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO);
        auto log = std::make_shared<log_sink>(sink_setup(given), real_time());
        host process(loop, real_time(), given, log);
        fill(process);
        return process.run();
    } catch (const settings_error& e) {
        return say(e.what(), exit_codes::bad_settings);
    } catch (const std::exception& e) {
        return say(e.what(), exit_codes::cannot_start);
    }
}

}  // namespace distd

#include "sdk/process/process_certificates.hpp"

#include <utility>

namespace distd {

void process_certificates::read(bool has_tls, const settings& config, disk& d, executor loop,
                                time_source& time, logger log, metrics& m) {
    auto files = certificate_files_of(config);
    if (has_tls && files.empty() && of_roles_.empty())
        throw settings_error(
            "LISTEN_FDS: a socket for TLS was given, and there is no certificate to be shown; "
            "set --tls-cert-file=FILE");
    if (!has_tls && !files.empty())
        throw settings_error("--tls-cert-file: nothing listens with TLS here; set --tls-listen=HOST:PORT");
    if (!has_tls && !of_roles_.empty())
        throw settings_error("--portal-acme: nothing listens with TLS here; set --tls-listen=HOST:PORT");
    if (has_tls)
        shown_.emplace(std::move(files), of_roles_, config.text("data-dir"), d, loop, time, std::move(log),
                       m);
}

std::shared_ptr<const http::tls_server> process_certificates::server() const {
    return shown_ ? shown_->server() : nullptr;
}

std::vector<certificate_state> process_certificates::state() const {
    return shown_ ? shown_->state() : std::vector<certificate_state>();
}

void process_certificates::look() {
    if (shown_) shown_->look();
}

void process_certificates::look_at_those_of_roles() {
    if (shown_) shown_->look_at_others();
}

void process_certificates::on_exchange(std::function<void()> call) {
    if (shown_) shown_->on_exchange(std::move(call));
}

task<> process_certificates::run() {
    if (shown_) co_await shown_->run();
}

}  // namespace distd

// The certificates that a process shows and the keys of its session tickets: read at the start, and looked at
// again and again, so that both are exchanged without a restart and without a lost request.
#pragma once

#include <distd/logger.hpp>
#include <distd/metrics.hpp>
#include <distd/settings.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.hpp"
#include "http/transport/tls_context.hpp"
#include "sdk/certificate_state.hpp"
#include "sdk/process/file_trace.hpp"

namespace distd {

// What a pair is made of: two files, or one with both.
struct certificate_files {
    std::string certificate;
    std::string key;
};

// What --tls-cert-file and --tls-key-file say: a key for each certificate, in the same order, or no key at
// all, when each file has both. Throws settings_error.
[[nodiscard]] std::vector<certificate_files> certificate_files_of(const settings&);
// Reads and judges it, whatever its time is. Throws settings_error, which names the file.
[[nodiscard]] std::shared_ptr<const http::tls_certificate> read_certificate(const certificate_files&);

// Certificates of those whom we believe (PEM). Throws settings_error, with a sentence that calls the file as
// `named` does.
[[nodiscard]] std::string read_roots(const std::string& file, const std::string& named);
// What --tls-ca-file says; nothing: the system's roots count. Throws settings_error.
[[nodiscard]] std::optional<std::string> roots_of(const settings&);

class tls_files {
public:
    static constexpr seconds interval{5};

    // `others`: shown behind those of the files, as far as both are good. Throws settings_error when a pair
    // cannot be used. One whose time is over, or has not come, is shown all the same, and that is said: there
    // is no other at hand, and whoever comes without TLS is served; one for the same name that is good comes
    // before it. The folder need not be there.
    tls_files(std::vector<certificate_files> pairs, std::vector<certificate_source> others,
              std::string ticket_folder, disk&, executor, time_source&, logger, metrics&);

    [[nodiscard]] std::shared_ptr<const http::tls_server> server() const noexcept { return server_; }
    // `call`: whenever another certificate is shown from then on.
    void on_exchange(std::function<void()> call) { on_exchange_ = std::move(call); }
    [[nodiscard]] std::vector<certificate_state> state() const;
    [[nodiscard]] task<> run();
    // Reads what has changed. A pair that cannot be used changes nothing, and is said once.
    void look();
    // One of the others is another one now.
    void look_at_others();

private:
    struct pair {
        certificate_files files;
        file_trace seen_certificate{};
        file_trace seen_key{};
        std::shared_ptr<const http::tls_certificate> in_use = nullptr;
        std::string problem{};  // with what is in the files now; empty: it is in use
        int warned_of_days = std::numeric_limits<int>::max();
    };

    void look_at(pair& p);
    [[nodiscard]] std::shared_ptr<const http::tls_certificate> read_valid(const pair& p) const;
    void warn_of(const pair& p);
    void warn_of_end(pair& p);
    void warn_of_lost_names(const pair& p, const http::tls_certificate& before);
    void show();
    void show_challenges();
    void look_at_tickets();
    void describe(metrics&);
    [[nodiscard]] double days_until(wall_point) const;
    [[nodiscard]] double days_left(const pair& p) const;
    [[nodiscard]] double days_left(const certificate_state&) const;
    [[nodiscard]] std::string ticket_file() const { return ticket_folder_ + "/tls-tickets"; }
    void save_tickets();

    std::vector<pair> pairs_;
    std::vector<certificate_source> others_;
    std::string ticket_folder_;
    disk& disk_;
    time_source& time_;
    alarm_clock bell_;
    logger log_;
    std::shared_ptr<http::tls_server> server_;
    std::size_t good_ = 0;  // so many of those that are shown
    http::ticket_keys tickets_;
    file_trace seen_tickets_;
    bool has_ticket_folder_ = false;
    std::function<void()> on_exchange_;
};

}  // namespace distd

// The certificates that a process shows, for all of its services: those in the files of its settings, and
// those that roles come by.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sdk/certificate_state.hpp"
#include "sdk/process/tls_files.hpp"

namespace distd {

class process_certificates {
public:
    // Of a role. Before they are read.
    void add(certificate_source source) { of_roles_.push_back(std::move(source)); }

    // At the start. `has_tls`: somebody listens with TLS. Throws settings_error where that one has nothing to
    // show, or nobody is there to show what there is.
    void read(bool has_tls, const settings&, disk&, executor, time_source&, logger, metrics&);

    // Null: nobody listens with TLS.
    [[nodiscard]] std::shared_ptr<const http::tls_server> server() const;
    [[nodiscard]] std::vector<certificate_state> state() const;
    // What has changed in the files, or with those of roles, is shown from now on.
    void look();
    void look_at_those_of_roles();

    // `call`: whenever another certificate is shown from then on.
    void on_exchange(std::function<void()> call);
    // Watches the files; ends at once where nobody listens with TLS.
    [[nodiscard]] task<> run();

private:
    std::vector<certificate_source> of_roles_;
    std::optional<tls_files> shown_;
};

}  // namespace distd

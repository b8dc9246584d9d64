// Keeps a service supplied with a certificate for its names: asks `acme_core` what is to be done, does it by
// `acme_client`, keeps what came of it in the `certificate_store`, and hands out what is to be shown. There
// is always something: the certificate that is held, also once its time is over, or one that only says who we
// are.
#pragma once

#include <distd/http.hpp>
#include <distd/logger.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acme/acme_client.hpp"
#include "acme/acme_core.hpp"
#include "acme/certificate_store.hpp"
#include "acme/challenge_book.hpp"
#include "http/transport/tls_certificate.hpp"

namespace distd::acme {

struct acme_wish {
    std::vector<std::string> names;  // one certificate for all of them
    std::string email;               // may be empty
    std::string directory;           // https://...
    std::string staging;             // the CA's directory for tries; empty: it has none
    std::optional<known_account> account{};
    bool by_tls = false;  // names are proven in a handshake (TLS-ALPN-01), not at a URL (HTTP-01)

    // What is ordered, by whom, where and how, as a text without secrets: whether a refusal may be another
    // one now.
    [[nodiscard]] std::string text() const;
};

// For those who look after it.
struct acme_state {
    std::string doing;                // what is waited for, in words
    std::optional<wall_point> until;  // of the certificate; nothing: there is none yet
    std::string last_error;           // a sentence; empty: the last try succeeded
    std::optional<wall_point> next_try;
    std::string not_saved;  // why; empty: all is
    int failures = 0;       // in a row
};

class acme_agent {
public:
    using certificate = std::shared_ptr<const http::tls_certificate>;

    // Throws std::runtime_error when the folder cannot be used.
    acme_agent(acme_wish, disk&, std::string folder, http::client&, executor, time_source&, logger);

    // To be shown now, and with `challenges().shown()` whenever `on_change` is called.
    [[nodiscard]] const certificate& shown() const noexcept { return shown_; }
    void on_change(std::function<void()> call) { on_change_ = std::move(call); }
    [[nodiscard]] const challenge_book& challenges() const noexcept { return challenges_; }
    [[nodiscard]] acme_state state() const;

    [[nodiscard]] task<> run();

private:
    struct pause;  // between two looks at what the CA is doing

    void read_certificate();
    [[nodiscard]] bool is_for_all_names(const http::tls_certificate&) const;
    [[nodiscard]] std::optional<held_certificate> held() const;
    [[nodiscard]] task<> perform(action);
    [[nodiscard]] task<outcome<>> place(bool is_trial);
    [[nodiscard]] task<outcome<>> carry_on();
    [[nodiscard]] task<outcome<bool>> advance(signer, kept_order, order_answer);
    [[nodiscard]] task<outcome<>> prove(signer, std::string authorization);
    void show_proof(const signer&, const std::string& name, const challenge_answer&);
    void hide_proof(const std::string& name, const challenge_answer&);
    [[nodiscard]] task<outcome<>> prove_by(signer, std::string authorization, challenge_answer);
    [[nodiscard]] task<failure> reason_of(signer, order_answer);
    [[nodiscard]] task<outcome<>> take(signer, kept_order, std::string url);
    [[nodiscard]] task<> ask_window();
    [[nodiscard]] task<outcome<signer>> account(bool is_trial);
    [[nodiscard]] task<> forget_account(bool is_trial);
    [[nodiscard]] acme_client& client_for(bool is_trial);
    void failed(const failure&);
    void log_failure();

    const acme_wish wish_;
    time_source& time_;
    alarm_clock bell_;
    logger log_;
    certificate_store store_;
    acme_client client_;
    acme_client staging_client_;
    challenge_book challenges_;
    std::string pair_;  // PEM: the key, then the chain; empty: none was issued yet
    certificate shown_;
    std::string working_;  // words for what is under way; empty: nothing is
    std::function<void()> on_change_;
    std::optional<acme_core> core_;
};

}  // namespace distd::acme

// Asks a CA by ACME (RFC 8555): each function is one of its requests. What fails is a sentence, with whether
// time or another configuration helps. Nonces that the CA rejects are replaced here, a few times.
#pragma once

#include <boost/system/result.hpp>
#include <distd/http.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <vector>

#include "acme/acme_answers.hpp"
#include "acme/acme_core.hpp"
#include "acme/ec_key.hpp"

namespace distd::acme {

template <class T = void>
using outcome = boost::system::result<T, failure>;

// By whom requests are signed.
struct signer {
    ec_key key;
    std::string url{};  // by which the CA knows the account; empty: not yet
};

// What the CA gave out to somebody whom it knows: for the first request of an account.
struct known_account {
    std::string kid;
    std::string mac_key;  // its bytes
};

class acme_client {
public:
    // `directory`: https://...
    acme_client(http::client&, time_source&, std::string directory);

    // The account's URL: a new one, or the one that the CA has of that key.
    [[nodiscard]] task<outcome<std::string>> make_account(ec_key, std::string email,
                                                          std::optional<known_account>);
    // The order's URL. `replaces`: as of renewal_id_of, or empty. A CA that takes that amiss is asked without
    // it.
    [[nodiscard]] task<outcome<std::string>> place_order(signer, std::vector<std::string> names,
                                                         std::string replaces);
    [[nodiscard]] task<outcome<order_answer>> order(signer, std::string url);
    [[nodiscard]] task<outcome<authorization_answer>> authorization(signer, std::string url);
    // That the answer to the challenge is to be found now.
    [[nodiscard]] task<outcome<>> accept_challenge(signer, std::string url);
    [[nodiscard]] task<outcome<>> finalize(signer, std::string url, std::string request_der);
    [[nodiscard]] task<outcome<std::string>> download(signer, std::string url);  // PEM

    struct window_answer {
        std::optional<renewal_window> window;
        std::optional<seconds> retry_after;
    };
    // Whether the CA suggests when to renew: known once it was asked for anything.
    [[nodiscard]] bool has_windows() const noexcept { return places_ && !places_->renewal_info.empty(); }
    [[nodiscard]] task<outcome<directory_answer>> directory();
    // A CA that has moved its places is found again by the next request.
    void forget_directory() { places_.reset(); }
    [[nodiscard]] task<outcome<window_answer>> window(std::string renewal_id);

private:
    // An answer of one of ACME's errors is a failure, and so is none.
    template <class T>
    [[nodiscard]] task<outcome<T>> ask(signer, std::string url, std::string payload);
    [[nodiscard]] failure refused(const http::reply&) const;
    [[nodiscard]] task<outcome<http::reply>> post(signer, std::string url, std::string payload);
    [[nodiscard]] task<outcome<std::string>> take_nonce();
    [[nodiscard]] task<outcome<http::reply>> send(http::call);
    void keep_nonce(const http::reply&);

    http::client& http_;
    time_source& time_;
    const std::string directory_;
    const std::string host_;  // of it, as people call it
    std::optional<directory_answer> places_;
    std::string nonce_;  // for the next request; empty: none is left
};

}  // namespace distd::acme

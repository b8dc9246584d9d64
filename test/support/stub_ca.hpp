// A CA with ACME that a test scripts: in the place of the HTTP client, without a network. It checks what real
// ones check (nonces, the account, the answer to a challenge; not signatures) and fails as it is told.
#pragma once

#include <distd/http.hpp>
#include <distd/time.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "acme/acme_core.hpp"
#include "acme/certificates.hpp"

namespace distd::test {

class stub_ca final : public http::client {
public:
    static constexpr const char* directory = "https://ca.example/dir";

    explicit stub_ca(time_source&);

    // What stands at a name's challenge address: the name and the token are given.
    std::function<std::string(const std::string&, const std::string&)> look = nullptr;
    // Asked first: an answer, or an error, in the place of ours. `place`: the path of the URL.
    std::function<std::optional<result<http::reply>>(const std::string& place)> disturb = nullptr;
    std::set<std::string> refused_names;  // rejectedIdentifier
    int nonces_to_reject = 0;
    bool wants_binding = false;
    std::chrono::hours life{24 * 90};
    std::optional<acme::renewal_window> window;  // of all certificates; nothing: no ARI
    bool refuses_replacements = false;
    bool is_slow = false;  // orders stay `processing` once they are finalized

    // That request is never answered: it is not heard, or its answer is lost. Counted from 1.
    std::size_t hangs_before = 0;
    std::size_t hangs_after = 0;

    std::vector<std::string> asked;  // paths
    std::set<std::string> accounts;  // thumbprints
    std::vector<std::string> replaced;
    int issued = 0;
    [[nodiscard]] std::size_t orders() const noexcept { return orders_.size(); }
    void forget_accounts() { accounts.clear(); }

    [[nodiscard]] task<result<http::reply>> send(http::call) override;

private:
    struct placed {
        std::vector<std::string> names;
        std::string status = "pending";
        std::vector<std::string> proofs;  // statuses, one for each name
        std::string thumbprint;           // of the account
        std::string chain;
    };
    struct signed_call {
        json::object head;
        json::value payload;
        std::string thumbprint;
    };

    [[nodiscard]] http::reply answer(const http::call&, const std::string& place);
    [[nodiscard]] http::reply answer_signed(const std::string& place, const signed_call&);
    [[nodiscard]] http::reply make_account(const signed_call&);
    [[nodiscard]] http::reply place_order(const signed_call&);
    [[nodiscard]] http::reply show_order(std::size_t which);
    [[nodiscard]] http::reply show_authorization(std::size_t order, std::size_t name);
    [[nodiscard]] http::reply validate(std::size_t order, std::size_t name);
    [[nodiscard]] http::reply finalize(std::size_t which, const signed_call&);
    [[nodiscard]] std::string token_of(std::size_t order, std::size_t name) const;
    [[nodiscard]] std::string issue(const placed&, const std::string& request_der);
    [[nodiscard]] http::reply with_nonce(http::reply);

    time_source& time_;
    acme::authority root_;
    std::set<std::string> nonces_;
    int next_nonce_ = 0;
    std::map<std::string, std::string> thumbprints_;  // by the account's URL
    std::vector<placed> orders_;
};

}  // namespace distd::test

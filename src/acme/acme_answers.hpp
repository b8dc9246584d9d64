// What a CA answers (RFC 8555): its JSON, what is believed of it, and what its errors mean for us. Pure.
#pragma once

#include <distd/http.hpp>
#include <distd/json.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/acme_core.hpp"

namespace distd::acme {

struct directory_answer {
    std::string new_nonce;
    std::string new_account;
    std::string new_order;
    std::string renewal_info;  // empty: the CA does not suggest when to renew
};
BOOST_DESCRIBE_STRUCT(directory_answer, (), (new_nonce, new_account, new_order, renewal_info))

struct identifier {
    std::string type;  // "dns" or "ip"
    std::string value;
};
BOOST_DESCRIBE_STRUCT(identifier, (), (type, value))

struct subproblem {
    std::string type;
    std::string detail;
    std::optional<acme::identifier> identifier;
};
BOOST_DESCRIBE_STRUCT(subproblem, (), (type, detail, identifier))

struct problem_answer {
    std::string type;  // urn:ietf:params:acme:error:NAME
    std::string detail;
    std::vector<subproblem> subproblems;
};
BOOST_DESCRIBE_STRUCT(problem_answer, (), (type, detail, subproblems))

struct order_answer {
    std::string status;  // pending, ready, processing, valid, invalid
    std::vector<std::string> authorizations;
    std::string finalize;
    std::string certificate;
    std::optional<problem_answer> error;
};
BOOST_DESCRIBE_STRUCT(order_answer, (), (status, authorizations, finalize, certificate, error))

struct challenge_answer {
    std::string type;
    std::string url;
    std::string token;
    std::string status;  // pending, processing, valid, invalid
    std::optional<problem_answer> error;
};
BOOST_DESCRIBE_STRUCT(challenge_answer, (), (type, url, token, status, error))

struct authorization_answer {
    std::string status;  // pending, valid, invalid, deactivated, expired, revoked
    acme::identifier identifier;
    std::vector<challenge_answer> challenges;

    [[nodiscard]] const challenge_answer* find(std::string_view type) const noexcept;
};
BOOST_DESCRIBE_STRUCT(authorization_answer, (), (status, identifier, challenges))

struct window_times {
    std::string start;  // RFC 3339
    std::string end;
};
BOOST_DESCRIBE_STRUCT(window_times, (), (start, end))

struct window_of_answer {  // RFC 9773, section 4.2
    window_times suggested_window;
};
BOOST_DESCRIBE_STRUCT(window_of_answer, (), (suggested_window))

// What of it is not as ACME has it, or beyond what is believed of a CA, as a sentence goes on behind its
// name; empty: nothing is. What we do not use is not judged.
[[nodiscard]] std::string flaw_of(const directory_answer&);
[[nodiscard]] std::string flaw_of(const order_answer&);
[[nodiscard]] std::string flaw_of(const authorization_answer&);
// Whether a CA may name it as a place of its own: https://, and of a sane size.
[[nodiscard]] bool is_place(std::string_view url);
[[nodiscard]] bool is_nonce(std::string_view text) noexcept;
// PEM certificates and nothing else, in a size that a handshake can bear.
[[nodiscard]] bool is_chain(std::string_view pem) noexcept;

// "rateLimited" for urn:ietf:params:acme:error:rateLimited; empty: it is none of ACME's.
[[nodiscard]] std::string_view error_name(const problem_answer&) noexcept;

// Of an answer with a status of 400 and more. `host`: of the CA.
[[nodiscard]] failure failure_of(const http::reply&, const std::string& host);
// Of an order that the CA declared invalid, or a challenge that it could not see fulfilled.
[[nodiscard]] failure failure_of_order(const order_answer&);
[[nodiscard]] failure failure_of_authorization(const authorization_answer&);

// Retry-After: seconds, or a date.
[[nodiscard]] std::optional<seconds> retry_after_of(const http::reply&, wall_point now);

}  // namespace distd::acme

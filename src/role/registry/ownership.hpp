// Who may change which registration: judges requests, and asks instances whether a secret is theirs.
//
// An instance is asked twice, for its own hash and for one that nobody has: 200 and 404 are its answers. So
// it takes no more than a status, and no server that says 200 (or 404) to everything proves anything.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <optional>
#include <string>

#include "role/registry/core/catalog.hpp"
#include "role/registry/core/registrant.hpp"
#include "role/registry/outgoing_calls.hpp"

namespace distd::registry {

class ownership {
public:
    ownership(service&, outgoing_calls&, const catalog&);

    // Nothing, and a sentence in `problem`, for a secret that is none.
    [[nodiscard]] std::optional<claimant> claimant_of(const http::request&, std::string& problem) const;
    // Of an instance that nobody has registered: granted.
    [[nodiscard]] claim judge(std::string_view url, const claimant&) const;
    // Who is refused is told what is missing.
    [[nodiscard]] std::string refusal(std::string_view url) const;

    // As it is to be kept. What the instance has proven before holds on.
    [[nodiscard]] registrant registrant_of(const registration&, const claimant&) const;
    // `done` is called once, never before this returns: whether the instance at `url` has shown that hash.
    void challenge(const std::string& url, const std::string& secret_hash, std::function<void(bool)> done);

private:
    void ask(const std::string& url, int expected, std::function<void(bool)> done);

    service& service_;
    outgoing_calls& calls_;
    const catalog& instances_;
    const bool has_tokens_;  // who got here has shown one
};

}  // namespace distd::registry

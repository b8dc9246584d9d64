// Judges how the sender of a request shows which owner it is: by a proof made with the owner's key, or,
// simple clients, by a secret itself. A proof is good for one call, within a minute, at this registry.
#pragma once

#include <distd/http.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>

#include "role/registry/core/call_order.hpp"
#include "role/registry/core/registrant.hpp"

namespace distd::registry {

struct owner_refusal {
    int status = 0;
    std::string sentence;
};

class owner_proofs {
public:
    explicit owner_proofs(time_source&);

    // Fills in who `who` is; nobody, where the request says nothing of it. Anything but nothing is the answer
    // to what is no proof, and `who` is unchanged.
    [[nodiscard]] std::optional<owner_refusal> judge(const http::request&, claimant& who);

private:
    [[nodiscard]] std::optional<owner_refusal> judge_proof(const http::request&, claimant& who);

    time_source& time_;
    call_order order_;
};

}  // namespace distd::registry

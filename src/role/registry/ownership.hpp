// Who may change which registration: judges requests, and asks instances whether an owner is theirs.
//
// An instance is asked twice, for the owner's id and for one that nobody has: 200 and 404 are its answers. So
// it takes no more than a status, and no server that says 200 (or 404) to everything proves anything.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <optional>
#include <string>

#include "http/message/local_addresses.hpp"
#include "role/registry/core/catalog.hpp"
#include "role/registry/core/host_pacer.hpp"
#include "role/registry/core/owned_places.hpp"
#include "role/registry/core/registrant.hpp"
#include "role/registry/outgoing_calls.hpp"
#include "role/registry/owner_proofs.hpp"
#include "role/registry/url_place.hpp"

namespace distd::registry {

class ownership {
public:
    // `max_questions_per_host`: a second, see `challenge`; 0: any number.
    ownership(service&, outgoing_calls&, const catalog&, std::size_t max_questions_per_host);

    // Nothing, and the answer in `problem`, for what is to show an owner and does not.
    [[nodiscard]] std::optional<claimant> claimant_of(const http::request&, owner_refusal& problem);
    // Of an instance that nobody has registered: granted.
    [[nodiscard]] claim judge(std::string_view url, const claimant&) const;
    [[nodiscard]] claim judge(const registrant&, const claimant&) const;
    // The same for a registration, which also needs the consent of the owner confirmed at that place.
    [[nodiscard]] claim judge_registration(const std::string& url, const claimant&) const;
    // For the answer to a refused claimant: what is missing.
    [[nodiscard]] std::string reason_to_refuse(const std::string& url) const;

    // As it is to be kept. What the instance has confirmed before holds on.
    [[nodiscard]] registrant registrant_of(const std::string& url, const url_place&, const claimant&) const;
    // `done` is called once, never before this returns: whether that instance has that owner. A host that has
    // been asked too often in this second is not asked, and has confirmed nothing.
    void challenge(const registration&, const std::string& owner, std::function<void(bool)> done);

    // To be called when the registration of that URL has changed, or is gone; without an owner in it only
    // while there are places to keep.
    void changed(const std::string& url);
    [[nodiscard]] bool knows_places() const noexcept { return !places_.empty(); }

private:
    // Of those that have confirmed owners, are not lost, and listen where that URL leads: the one that judges
    // the most strictly. Null: nobody.
    [[nodiscard]] const instance* strictest_at(const std::string& url, const claimant&) const;
    [[nodiscard]] std::string place_of(const std::string& url) const;
    [[nodiscard]] bool is_same_machine(const std::string& a, const std::string& b) const;
    [[nodiscard]] bool is_same_machine(const boost::asio::ip::address&,
                                       const boost::asio::ip::address&) const;
    [[nodiscard]] bool leads_to(const url_place&, const std::string& source) const;
    [[nodiscard]] const http::local_addresses& machine() const;
    void ask(const std::string& url, const std::string& pin, int expected, std::function<void(bool)> done);

    service& service_;
    outgoing_calls& calls_;
    const catalog& instances_;
    owner_proofs proofs_;
    // Of its own: probes may have taken all that there is of a host's for long.
    host_pacer questions_;
    owned_places places_;
    const bool has_tokens_;    // who got here has shown one
    std::string operator_id_;  // whose secret lies in the data folder; empty: there are tokens instead
    // The interfaces are not asked of the kernel for each registration.
    mutable std::optional<http::local_addresses> machine_;
    mutable steady_point machine_until_{};
};

}  // namespace distd::registry

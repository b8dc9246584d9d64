// The registry's list of instances as the gateway uses it, kept up to date: watched where the registry offers
// that, asked for every few seconds where it does not. What is known stays in use while no registry answers,
// and after one has lost its data.
#pragma once

#include <cstdint>
#include <distd/service.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/portal/gateway/gateway_balancer.hpp"
#include "wire/url_proof.hpp"

namespace distd::portal {

inline constexpr std::string_view exposing_tag = "gateway";

// The fields of the registry's list that the gateway uses.
struct listed_instance {
    std::string name;
    instance_facts facts;
    wire::url_proof proof = wire::url_proof::vouched_for;
    bool is_tagged = false;
    bool is_offered = true;  // neither lost nor drained
};

// nullopt and a sentence in `error` if it is not such a list.
[[nodiscard]] std::optional<std::vector<listed_instance>> parse_listed(std::string_view text,
                                                                       std::string& error);

class registry_list {
public:
    registry_list(service&, std::function<void()> on_change);

    [[nodiscard]] task<> watch();  // until cancelled

    [[nodiscard]] const std::vector<listed_instance>& instances() const noexcept { return listed_; }
    // The one console that is registered at an address of loopback and has confirmed that; empty: there is
    // none, or there are several, of which one may be an impostor.
    [[nodiscard]] const std::string& console_on_this_machine() const noexcept { return console_; }
    // Since when the registry is unavailable, and why; known instances stay in use.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
    [[nodiscard]] std::optional<wall_point> away_since() const noexcept { return away_since_; }

private:
    [[nodiscard]] task<seconds> ask_once();
    [[nodiscard]] std::string list_query() const;
    void note_trouble(std::string why);
    void take_list(std::vector<listed_instance> list, std::string_view data_id);

    service& service_;
    const std::function<void()> on_change_;
    std::vector<listed_instance> listed_;
    std::vector<listed_instance> before_loss_;  // of names not yet known to a registry that lost its data
    std::string console_;
    std::string data_id_;          // the id of the registry's database
    bool asks_for_fields_ = true;  // until a registry does not support `fields=`
    std::size_t registry_ = 0;     // index of the registry in use
    std::uint64_t index_ = 0;
    bool has_list_ = false;
    std::string trouble_;
    std::optional<wall_point> away_since_;
};

}  // namespace distd::portal

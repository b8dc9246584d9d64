// The registry, asked for its whole state in a few requests for all viewers together. Registries are asked in
// the order of --registry, the next one when one does not answer.
#pragma once

#include <array>
#include <distd/service.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/answers/alert_answers.hpp"
#include "ops/model/facts.hpp"
#include "ops/model/page_snapshot.hpp"
#include "ops/model/time_range.hpp"
#include "ops/sources/shared_source.hpp"
#include "ops/sources/source_cache.hpp"
#include "sdk/registration/owner_prover.hpp"

namespace distd::ops {

class registry_source {
public:
    explicit registry_source(service&);

    [[nodiscard]] task<source_view<registry_state>> state(std::optional<steady_point> asked = {}) {
        return state_.current(asked);
    }
    [[nodiscard]] task<source_view<health_bars>> history(time_range r, std::optional<steady_point> asked) {
        auto& history = histories_[static_cast<std::size_t>(r)];
        return state_.known().is_away() ? known_of(history) : history.current(asked);
    }
    // The instances of one service with what their last probes found, which the list of all does not have:
    // that would be another one after each probe.
    [[nodiscard]] task<std::vector<instance>> details(std::string name,
                                                      std::optional<steady_point> asked = {});
    // The keys of the configuration below a directory ("cart/"; "": all of them). Empty where it is not
    // known.
    [[nodiscard]] task<std::vector<std::string>> keys(std::string directory,
                                                      std::optional<steady_point> asked = {});
    [[nodiscard]] task<source_view<std::vector<alert_facts>>> alerts() { return alerts_.current(); }
    void refresh(time_range r) {
        state_.refresh();
        histories_[static_cast<std::size_t>(r)].refresh();
    }
    // Of the registry that answered last; empty where there is none.
    [[nodiscard]] std::string address() const;
    // A change, made as the operator where we can show that we are; afterwards what is known counts as old.
    [[nodiscard]] task<result<http::reply>> send(http::call with_path);
    // A file that we would have to read for that, but cannot; empty: nothing is missing.
    [[nodiscard]] std::string missing_secret_file() const;
    [[nodiscard]] task<result<http::reply>> read(std::string path);

private:
    // Without waiting.
    [[nodiscard]] static task<source_view<health_bars>> known_of(shared_source<health_bars>& source) {
        co_return source.known();
    }
    [[nodiscard]] task<fetched<registry_state>> fetch_state();
    [[nodiscard]] task<result<http::reply>> send_to_one(http::call with_path, owner_prover* = nullptr);
    [[nodiscard]] send_function sender();
    [[nodiscard]] std::string secret_file() const;
    [[nodiscard]] owner_prover* operator_proofs();

    service& service_;
    std::string operator_secret_;  // of a registry without access tokens, as its file had it last
    std::optional<owner_prover> operator_;
    std::size_t preferred_ = 0;     // among the registries
    steady_point rest_asked_at_{};  // what is not the list of instances
    shared_source<registry_state> state_;
    std::array<shared_source<health_bars>, 3> histories_;
    source_cache<std::vector<instance>> details_;
    source_cache<std::vector<std::string>> keys_;
    shared_source<std::vector<alert_facts>> alerts_;
};

}  // namespace distd::ops

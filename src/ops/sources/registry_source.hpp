// The registry, asked for its whole state in a few requests for all viewers together. Registries are asked in
// the order of --registry, the next one when one does not answer.
#pragma once

#include <array>
#include <distd/service.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ops/model/facts.hpp"
#include "ops/model/picture.hpp"
#include "ops/model/time_range.hpp"
#include "ops/sources/shared_source.hpp"
#include "ops/sources/source_shelf.hpp"

namespace distd::ops {

class registry_source {
public:
    explicit registry_source(service&);

    [[nodiscard]] task<source_view<registry_state>> state() { return state_.current(); }
    [[nodiscard]] task<source_view<health_bars>> history(time_range r) {
        return histories_[static_cast<std::size_t>(r)].current();
    }
    // The instances of one service with what their last probes found, which the list of all does not have:
    // that would be another one after each probe.
    [[nodiscard]] task<std::vector<instance>> details(std::string name);
    // The keys of the configuration below a directory ("cart/"; "": all of them). Empty where it is not
    // known.
    [[nodiscard]] task<std::vector<std::string>> keys(std::string directory);
    void refresh(time_range r) {
        state_.refresh();
        histories_[static_cast<std::size_t>(r)].refresh();
    }
    // Of the registry that answered last; empty where there is none.
    [[nodiscard]] std::string address() const;
    // A call to it, such as a change; afterwards what is known counts as old.
    [[nodiscard]] task<result<http::reply>> send(http::call with_path);
    // The same for a read.
    [[nodiscard]] task<result<http::reply>> read(std::string path);

private:
    [[nodiscard]] task<fetched<registry_state>> fetch_state();
    [[nodiscard]] task<result<http::reply>> send_to_one(http::call with_path);
    [[nodiscard]] send_function sender();

    service& service_;
    std::size_t preferred_ = 0;     // among the registries
    steady_point rest_asked_at_{};  // what is not the list of instances
    shared_source<registry_state> state_;
    std::array<shared_source<health_bars>, 3> histories_;
    source_shelf<std::vector<instance>> details_;
    source_shelf<std::vector<std::string>> keys_;
};

}  // namespace distd::ops

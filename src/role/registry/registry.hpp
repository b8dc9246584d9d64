// A running registry: the pure directory, the change log that makes it durable, the prober and the sender of
// patches.
#pragma once

#include <distd/service.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/completion.hpp"
#include "role/registry/alert_sender.hpp"
#include "role/registry/call_targets.hpp"
#include "role/registry/change_log.hpp"
#include "role/registry/core/directory.hpp"
#include "role/registry/core/listing.hpp"
#include "role/registry/core/source_quota.hpp"
#include "role/registry/health_keeper.hpp"
#include "role/registry/list_texts.hpp"
#include "role/registry/outgoing_calls.hpp"
#include "role/registry/ownership.hpp"
#include "role/registry/patch_sender.hpp"
#include "role/registry/prober.hpp"
#include "role/registry/registry_store.hpp"
#include "role/registry/return_probes.hpp"
#include "role/registry/watch/watch_board.hpp"
#include "role/store_health.hpp"

namespace distd::registry {

struct registry_rules {
    milliseconds heartbeat_interval{3000};
    milliseconds probe_timeout{2000};
    milliseconds deregister_after{60'000};
    milliseconds guard_time{60'000};  // 0: none
    std::size_t max_instances_in_all = 100'000;
    source_quota::limits per_address{};
    std::size_t max_probes_per_host = 1000;       // a second
    std::optional<http::address_filter> allowed;  // whom we may call; without it, see call_targets
};

class registry {
public:
    registry(service&, registry_rules);

    // Empty, or what is wrong with what we would have to call.
    [[nodiscard]] std::string problem_with(const registration& r, const url_place& of_its_url) const {
        return targets_.problem_with(r, of_its_url);
    }
    // Unless it is granted the registration is left where it is, and nothing is called. Else `on_done` is
    // called once it is durable, or refused: a newcomer that wants patches has its first one by then, or a
    // second has passed.
    [[nodiscard]] source_quota::answer enroll(put_change&&, completion<result<>> on_done);
    // What somebody asks for of one instance. Durable once these return; not_found when none has that URL.
    struct instance_request {
        std::string url;
        std::string reason;
        std::string actor;
        claimant who;
    };
    // The instance itself leaves.
    [[nodiscard]] task<result<>> withdraw(instance_request);
    // Somebody else takes it off the list, or keeps one that is gone from coming back.
    [[nodiscard]] task<result<>> forget(instance_request);
    // Takes it out of rotation without losing it, and back.
    [[nodiscard]] task<result<>> drain(instance_request);
    [[nodiscard]] task<result<>> end_drain(instance_request);
    // A change of the configuration, for the timeline.
    void note(configuration_change c) { change_log_->record(std::move(c)); }
    // An instance that registered with a TTL reports that it is well, or why not. Not durable.
    [[nodiscard]] directory::reporting take_report(std::string_view url, const std::string& failure);

    [[nodiscard]] const std::string& id() const noexcept { return id_; }  // of the data
    [[nodiscard]] std::string status() const;

    // Who may change what. To be asked before the calls above.
    [[nodiscard]] ownership& owners() noexcept { return owners_; }
    [[nodiscard]] const registry_rules& rules() const noexcept { return rules_; }

    [[nodiscard]] alert_sender& alerting() noexcept { return *alerts_; }
    [[nodiscard]] const alert_sender& alerting() const noexcept { return *alerts_; }

    // For readers. The board is touched, under role/registry/watch/topics.hpp, after each change of an index.
    [[nodiscard]] const directory& state() const noexcept { return directory_; }
    [[nodiscard]] list_texts& texts() noexcept { return texts_; }
    [[nodiscard]] watch_board& board() noexcept { return board_; }
    [[nodiscard]] moment now() const;

private:
    void restore();
    void start_loops();
    directory::effect apply(change&);
    [[nodiscard]] std::optional<source_quota::share> share_of(std::string_view url) const;
    [[nodiscard]] std::optional<source_quota::share> share_before(const change&) const;
    [[nodiscard]] std::string url_of_owner(const change&) const;
    void notify_watchers();
    [[nodiscard]] std::optional<std::string> pick_log_service() const;
    [[nodiscard]] task<result<>> remove(remove_change);
    [[nodiscard]] bool stop_return(const instance_request&);
    [[nodiscard]] std::optional<gone_instances::gone> going(const change&) const;
    void put_back(gone_instances::gone);
    void put_back_now(gone_instances::gone);
    [[nodiscard]] task<result<>> drain(drain_change);
    [[nodiscard]] task<> keep_up();
    [[nodiscard]] task<> settle();
    [[nodiscard]] task<> greet(std::string url, steady_point deadline, completion<result<>> on_done);
    void note_settled();

    service& service_;
    registry_rules rules_;
    registry_store store_;
    call_targets targets_;
    outgoing_calls calls_;
    directory directory_;
    ownership owners_;
    list_texts texts_;
    watch_board board_;
    std::string id_;
    source_quota quota_;
    std::unique_ptr<change_log> change_log_;
    std::optional<health_keeper> health_keeper_;
    std::optional<alert_sender> alerts_;
    std::optional<store_health> store_health_;
    patch_sender patches_;
    prober probes_;
    return_probes returns_;
    std::vector<std::string> changed_names_;  // by the latest change; kept for its memory
    std::uint64_t notified_index_ = 0;  // of everything, events included, when watchers were notified last
};

}  // namespace distd::registry

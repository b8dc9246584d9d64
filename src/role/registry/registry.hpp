// A registry at work: the pure directory, the journal that keeps it, and the calls that probe and tell.
#pragma once

#include <distd/service.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/slim_caller.hpp"
#include "role/registry/call_targets.hpp"
#include "role/registry/core/directory.hpp"
#include "role/registry/core/listing.hpp"
#include "role/registry/core/source_quota.hpp"
#include "role/registry/journal.hpp"
#include "role/registry/registry_store.hpp"

namespace distd::registry {

struct registry_rules {
    milliseconds heartbeat_interval{3000};
    milliseconds probe_timeout{2000};
    milliseconds deregister_after{60'000};
    std::size_t most_instances = 100'000;
    std::size_t most_per_address = 100'000;       // instances that one source address may register
    std::optional<http::address_filter> allowed;  // whom we may call; without it, see call_targets
};

class registry {
public:
    registry(service&, registry_rules);

    // Empty, or what is wrong with what we would have to call.
    [[nodiscard]] std::string problem_with(const registration& r) const { return targets_.problem_with(r); }
    // To be asked before `enroll`: false when that address has registered as many as it may.
    [[nodiscard]] bool admits(const registration&, const std::string& source);
    // Durable once it returns. A newcomer that wants patches has its first one by then, or a second has
    // passed.
    [[nodiscard]] task<result<>> enroll(registration);
    // not_found when no instance has that URL.
    [[nodiscard]] task<result<>> withdraw(std::string url);

    [[nodiscard]] const std::string& id() const noexcept { return id_; }  // of the data
    [[nodiscard]] http::shared_text list_all();
    [[nodiscard]] http::shared_text list_named(const std::string& name);  // null: nobody has that name
    [[nodiscard]] std::string graph() const;

private:
    struct counters {
        explicit counters(metrics&);
        counter& patches_arrived;
        counter& patches_refused;
        counter& patches_in_doubt;
        counter& probes_passed;
        counter& probes_failed;
    };

    void start_loops();
    void drop_stale_texts();
    [[nodiscard]] moment now() const;
    directory::effect apply(const change&);
    void log_change(const change&) const;
    [[nodiscard]] task<> send_patches();
    void deliver(dispatcher::delivery);
    void delivered(const dispatcher::delivery&, const result<int>& status);
    [[nodiscard]] task<> send_probes();
    void start_probes();
    void check(health_engine::probe);
    void checked(const health_engine::probe&, const result<int>& status);
    [[nodiscard]] steady_point next_probes() const noexcept;
    [[nodiscard]] task<> keep_up();
    [[nodiscard]] task<> settle();
    [[nodiscard]] task<> greeted(std::string url, steady_point deadline);
    void note_settled();

    service& service_;
    registry_rules rules_;
    registry_store store_;
    directory directory_;
    std::string id_;
    counters counters_;
    call_targets targets_;
    source_quota quota_;
    http::slim_caller calls_;
    std::unique_ptr<journal> journal_;
    alarm_clock patch_bell_;
    alarm_clock probe_bell_;
    steady_point probes_started_;                    // the last time
    steady_point probes_due_ = steady_point::max();  // until when `send_probes` waits
    std::multimap<std::string, alarm_clock*>
        greetings_;  // who waits for a newcomer's first patch, by its URL

    // Texts of lists, valid for one version of the directory.
    std::uint64_t listed_version_ = 0;
    http::shared_text all_text_;
    std::map<std::string, http::shared_text> named_texts_;
};

}  // namespace distd::registry

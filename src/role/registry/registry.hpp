// A registry at work: the pure directory, the journal that keeps it, and the coroutines that probe and tell.
#pragma once

#include <distd/service.hpp>
#include <map>
#include <memory>
#include <string>

#include "role/registry/core/directory.hpp"
#include "role/registry/core/listing.hpp"
#include "role/registry/journal.hpp"
#include "role/registry/registry_store.hpp"

namespace distd::registry {

struct registry_rules {
    milliseconds heartbeat_interval{3000};
    milliseconds probe_timeout{2000};
    milliseconds deregister_after{60'000};
    milliseconds guard_time{60'000};  // 0: none
    std::size_t most_instances = 100'000;
};

class registry {
public:
    registry(service&, registry_rules);

    // Durable once it returns. A newcomer that wants patches has its first one by then, or a second has
    // passed.
    [[nodiscard]] task<result<>> enroll(registration);
    // not_found when no instance has that URL.
    [[nodiscard]] task<result<>> withdraw(std::string url);
    // Takes an instance out of rotation without losing it, and back. Durable once they return; not_found as
    // above.
    [[nodiscard]] task<result<>> drain(std::string url, std::string reason);
    [[nodiscard]] task<result<>> end_drain(std::string url);
    // An instance that registered with a TTL reports that it is well, or why not. Not durable.
    [[nodiscard]] directory::reporting hear(std::string_view url, const std::string& failure);

    [[nodiscard]] const std::string& id() const noexcept { return id_; }  // of the data
    [[nodiscard]] http::shared_text list_all();
    [[nodiscard]] http::shared_text list_named(const std::string& name);  // null: nobody has that name
    [[nodiscard]] std::string graph() const;
    [[nodiscard]] std::string status() const;

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
    [[nodiscard]] task<result<>> drain(std::string url, drain_note);
    void review_health();
    [[nodiscard]] task<> send_patches();
    [[nodiscard]] task<> deliver(dispatcher::delivery);
    [[nodiscard]] task<> send_probes();
    [[nodiscard]] task<> check(health_engine::probe);
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
    std::unique_ptr<journal> journal_;
    alarm_clock patch_bell_;
    alarm_clock probe_bell_;
    bool guard_was_on_ = false;
    std::multimap<std::string, alarm_clock*>
        greetings_;  // who waits for a newcomer's first patch, by its URL

    // Texts of lists, valid for one version of the directory.
    std::uint64_t listed_version_ = 0;
    http::shared_text all_text_;
    std::map<std::string, http::shared_text> named_texts_;
};

}  // namespace distd::registry

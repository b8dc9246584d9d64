// All alerts at work. Pure: fed with the configuration, the directory and the time, it decides what is to be
// stored and sent; alert_sender beside the registry does both and reports what became of it.
//
// Each message is stored before it is sent, and again once it has arrived. So after a restart it is sent
// again only where that is not known: at least once.
#pragma once

#include <distd/json.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "role/registry/alerts/alert_outbox.hpp"
#include "role/registry/alerts/alert_settings.hpp"
#include "role/registry/alerts/alert_watch.hpp"
#include "role/registry/alerts/loss_tracker.hpp"
#include "role/registry/core/changes.hpp"
#include "role/registry/core/directory.hpp"

namespace distd::registry {

class alerts {
    struct alert;

public:
    // `kept`: what the store has; of alerts that are not configured once `start` is called, nothing is.
    alerts(const directory&, std::vector<alert_row> kept);
    ~alerts();
    alerts(const alerts&) = delete;
    alerts& operator=(const alerts&) = delete;

    // The value of alerts/NAME; one that is wrong is kept as such, and does nothing. Before `start`, those
    // that are there already.
    void configure(const std::string& name, std::string_view value, moment now);
    void remove(const std::string& name);
    void start(moment now);
    // Of a value before it is stored: empty, or what is wrong.
    [[nodiscard]] std::string fault_in(const std::string& name, std::string_view value) const;

    // What has happened since the last call, and what time alone has brought about: to be stored in this
    // order, each followed by `stored`.
    [[nodiscard]] std::vector<alert_change> review(moment now);
    void stored(const alert_change&, steady_point now);

    struct delivery {
        std::shared_ptr<alert> whose;
        std::string alert_name;
        alert_settings how;
        alert_outbox::delivery what;
        bool is_test = false;
    };
    [[nodiscard]] std::optional<delivery> take(steady_point now);
    // A message that somebody asked for. Nothing: there is no such alert, it is wrong, or one is under way.
    [[nodiscard]] std::optional<delivery> take_test(const std::string& name, const std::string& who,
                                                    moment now);
    struct attempt {
        int status = 0;       // of the answer; 0: there was none
        std::string failure;  // empty: it has arrived
    };
    // What is to be stored of it.
    alert_outbox::end finish(const delivery&, const attempt&, moment now, std::uint64_t draw,
                             std::vector<alert_change>& out);

    [[nodiscard]] bool any() const noexcept { return !alerts_.empty(); }
    [[nodiscard]] bool has(const std::string& name) const { return alerts_.contains(name); }
    [[nodiscard]] std::size_t pending() const noexcept;
    [[nodiscard]] steady_point next_due() const noexcept;
    // For readers. Neither the URL's path nor a header's value is in it.
    [[nodiscard]] std::string as_json(moment now) const;

private:
    void look(moment now);
    void rebuild(moment now);
    void take_rules(const std::string& name, alert&, moment now);
    void show_all(alert&, moment now);
    [[nodiscard]] alert_change to_change(const std::string& name, alert&, const alert_watch::decision&,
                                         moment now) const;
    [[nodiscard]] json::object to_json(const std::string& name, const alert&, moment now) const;

    const directory& directory_;
    std::map<std::string, std::vector<alert_row>> kept_;  // until `start`, by alert
    std::map<std::string, std::shared_ptr<alert>> alerts_;
    std::unique_ptr<loss_tracker> losses_;  // null while there are no alerts
    std::uint64_t seen_ = 0;                // the event that the book has heard of last
    std::vector<alert_change> to_store_;
    bool is_started_ = false;
};

}  // namespace distd::registry

// Decides which subscriber is sent a patch, and when. Pure: `now` and random draws are passed in.
//
// Per subscriber patches go out in order and one at a time, and are tried again for as long as it is
// registered. The number of deliveries under way is bounded, and those that failed before have a smaller
// share of them: a slow subscriber delays nobody else. Equal patches are serialised once.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <deque>
#include <distd/time.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/registry/core/catalog.hpp"
#include "role/registry/core/outbox.hpp"
#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class dispatcher {
    struct subscriber;

public:
    static constexpr std::size_t max_vanished = 1000;  // of these what they may hold is remembered
    struct limits {
        std::size_t under_way = 8192;  // many: answers are read after all patches have been sent
        std::size_t suspects_under_way = 128;
    };
    struct delivery {
        subscriber* whose = nullptr;  // holds until `finish`
        std::string url;              // of the subscriber
        std::string update_url;
        std::shared_ptr<const std::string> text;
        std::size_t added = 0;
        std::size_t removed = 0;
    };

    explicit dispatcher(limits l) : limits_(l) {}
    dispatcher() : dispatcher(limits{}) {}

    // A service has registered, for the first time or again. A process is taken to require the same all its
    // life.
    void join(const instance&, const catalog&);
    // withdrawn: it deregistered, as a process does at its end. given_up: it may still be running, with all
    // that it holds; if it registers again it is treated like one that never left.
    enum class departure : std::uint8_t { withdrawn, given_up };
    void leave(std::string_view subscriber, departure = departure::withdrawn);
    // An entry is offered or not from now on: concerns all who require its name.
    void changed(const entry_ptr&, bool offered, const catalog&);
    // Its health came back: whatever waits for it is tried at once.
    void hurry(std::string_view subscriber);

    // The start: a subscriber as it was kept. It held what had been offered at revision `settled`; of entries
    // that have changed since (those in `gone` are not registered any more) nobody knows.
    struct withdrawn_entry {
        entry_ptr entry;
        std::uint64_t revision = 0;
    };
    using withdrawn_by_name = std::map<std::string, std::vector<withdrawn_entry>, std::less<>>;
    void restore(const instance&, std::uint64_t settled, const catalog&, const withdrawn_by_name& gone);
    // And then, what that URL may hold since an earlier registration: registered or not.
    void restore_former(const std::string& url, const std::vector<std::string>& names, const catalog&,
                        const withdrawn_by_name& gone);

    // The next patch to send now, if there is one. Its end is reported with `finish`.
    [[nodiscard]] std::optional<delivery> take(steady_point now);
    void finish(const delivery&, outbox::outcome, steady_point now, std::uint64_t draw);
    // When `take` is to be asked again, if nothing else happens before.
    [[nodiscard]] steady_point next_due() const noexcept;
    // Somebody is to be sent a patch as soon as there is a place for it.
    [[nodiscard]] bool has_waiting() const noexcept { return !ready_.empty() || !suspects_.empty(); }

    // It holds all it should, or is no subscriber.
    [[nodiscard]] bool is_settled(std::string_view subscriber) const noexcept;

    // Who has been brought up to date since this was asked last.
    struct settled_subscriber {
        std::string url;
        std::uint64_t generation = 0;
    };
    [[nodiscard]] std::vector<settled_subscriber> take_settled();

    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
    [[nodiscard]] std::size_t unsettled() const noexcept;

private:
    // Unlinks itself from whichever queue it stands in.
    struct queue_hook
        : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {};
    struct subscriber : queue_hook {
        std::string url;
        std::string update_url;
        std::uint64_t generation = 0;
        outbox box;
        unsigned failures = 0;
        bool has_left = false;            // kept until its patch under way has ended
        bool may_return = false;          // it was given up
        bool started_as_suspect = false;  // its patch under way
        bool is_reported = false;         // stands in `settled_`
        std::optional<std::multimap<steady_point, subscriber*>::iterator> retry;
    };
    using queue = boost::intrusive::list<subscriber, boost::intrusive::base_hook<queue_hook>,
                                         boost::intrusive::constant_time_size<false>>;

    subscriber& find_or_add(const instance&);
    void bury(url_map<subscriber>::iterator);
    void remember_vanished(const std::string& url, outbox);
    void schedule(subscriber&);
    void start_anew(subscriber&);
    void cancel_retry(subscriber&) noexcept;
    void note_if_settled(subscriber&);
    [[nodiscard]] delivery start(subscriber&);
    [[nodiscard]] std::shared_ptr<const std::string> text_of(const outbox::draft&);

    limits limits_;
    url_map<subscriber> subscribers_;
    url_map<outbox> vanished_;
    std::deque<std::string> vanished_order_;  // the oldest first; may name some that are back
    queue ready_;
    queue suspects_;  // ready, but failed last time
    std::multimap<steady_point, subscriber*> retries_;
    std::vector<settled_subscriber> settled_;
    std::size_t under_way_ = 0;
    std::size_t suspects_under_way_ = 0;

    // The patch that was serialised last: in a fan-out the next one is the same.
    outbox::draft last_draft_;
    std::shared_ptr<const std::string> last_text_;
};

}  // namespace distd::registry

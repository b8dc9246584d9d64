// Bounds how many probes go to one host in a second, however many instances name it. A host is an address, of
// IPv6 its first 64 bits, in whatever spelling; and a name, which counts for the addresses that it leads to
// as well, as soon as these are known. One of loopback gets ten times as many. Pure: `now` is passed in.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <deque>
#include <distd/time.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class host_pacer {
    struct host {
        bool is_name = false;
        steady_point next = steady_point::min();      // when a probe may go out
        steady_point::duration gap{};                 // between two
        std::vector<std::shared_ptr<host>> leads_to;  // of a name: the addresses it was found to have
    };

public:
    using addresses = std::vector<boost::asio::ip::address>;

    // An instance's place among all that are probed at its host. A default one is not bounded.
    class place {
    public:
        // When its probe may go out: at once (the earliest of all times), or at a time after `now`, which is
        // reserved for it. Called again at that time, it lets the probe go at once.
        [[nodiscard]] steady_point next_turn(steady_point now) noexcept;
        // Whether `leads_to` is to be called: an address leads nowhere else.
        [[nodiscard]] bool is_name() const noexcept { return host_ && host_->is_name; }

    private:
        friend class host_pacer;
        std::shared_ptr<host> host_;
        bool is_reserved_ = false;
    };

    // 0: any number.
    explicit host_pacer(std::size_t max_per_second) : max_per_second_(max_per_second) {}

    [[nodiscard]] place place_at(std::string_view url);
    // Of a name: what it was found to be. All who name it are paced by that from now on.
    void leads_to(place&, const addresses&);
    // Whether a call to that URL may be made now, by somebody who has no place there.
    [[nodiscard]] bool take_one(std::string_view url, const addresses&, steady_point now);

private:
    [[nodiscard]] std::shared_ptr<host> find_or_add(const std::string& name);
    void forget_unused();

    std::size_t max_per_second_;
    url_map<std::weak_ptr<host>> hosts_;
    std::deque<std::pair<steady_point, place>> visited_;  // by `take_one`: their pace outlives the call
    std::size_t forget_at_ = 64;                          // so many hosts
};

}  // namespace distd::registry

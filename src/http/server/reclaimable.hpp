// Something that holds a share of a whole and can give it back at once when others find no room: an idle
// connection, a request that is still arriving, an answer that is not read. It is offered in a queue of its
// source, the one that was offered first in front, and ended by source_shares::reclaim.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <distd/time.hpp>

namespace distd::http {

class reclaimable
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    [[nodiscard]] bool is_offered() const noexcept { return is_linked(); }
    void withdraw() noexcept {
        if (is_linked()) unlink();
    }

protected:
    ~reclaimable() = default;

private:
    friend class source_shares;
    // When it was used last, or the beginning of time. Asked only when room is needed: so that being used
    // costs nothing, and an offer stays in its queue meanwhile.
    [[nodiscard]] virtual steady_point last_use() const noexcept { return steady_point::min(); }
    // It is in no queue any more. False: it is in use after all, and nothing was done.
    [[nodiscard]] virtual bool give_back() = 0;

    steady_point since_;
};

// One step in looking for room: the first in `queue` that has not been used for that long.
struct reclaim_step {
    std::size_t queue = 0;
    milliseconds min_age{0};
};

}  // namespace distd::http

// A connection to a target, for one exchange: its place among the calls to that target, the connection
// itself, kept or new, and the watch that ends both when their time is up. Lives in the coroutine that awaits
// it; when that is cancelled, the connection is closed and the place goes to the next in line.
#pragma once

#include <distd/result.hpp>
#include <memory>
#include <optional>

#include "http/client/call_target.hpp"
#include "http/client/client_core.hpp"

namespace distd::http {

class client_link {
public:
    using failure = std::optional<errc>;  // nothing: it went well

    explicit client_link(std::shared_ptr<client_core> core);

    // From now on everything ends with `why` at `due`; a later call moves the deadline.
    void end_at(steady_point due, errc why) { core_->watch(watch_, due, why); }

    // Takes a place at the target, or in the line in front of it, unless it has one already; false: it has
    // to be waited for.
    [[nodiscard]] bool enter_at_once(const url& where);
    [[nodiscard]] bool enter_at_once(const call_target& to);
    [[nodiscard]] task<failure> wait_for_place();
    // A kept connection that looks alive, if there is one for `who`.
    [[nodiscard]] bool take_kept(connection_owner* who = nullptr);
    // A new one. Not made within `patience` counts as unreachable: nothing was sent, others may be tried.
    // `due` holds for what comes after it.
    [[nodiscard]] task<failure> connect(const url& where, milliseconds patience, steady_point due);

    [[nodiscard]] client_socket& socket() noexcept { return connection_->socket; }
    [[nodiscard]] failure verdict() const noexcept { return watch_.verdict(); }
    // Why a wait ended early, if it did. Aborted without a verdict of ours means that we were cancelled.
    [[nodiscard]] failure interruption(const boost::system::error_code& ec) const;
    // Waits until there is something to read, or room to write.
    [[nodiscard]] task<failure> wait_readable();
    [[nodiscard]] task<failure> wait_writable();

    // From now on the connection is of use to `who` only.
    void make_own(connection_owner* who) noexcept { connection_->owned_by = who; }

    // It goes on for ever: the place goes to the next in line.
    void leave_line() { place_.leave_line(); }
    void keep();   // for a later exchange
    void close();  // it is of no use any more

private:
    template <class... Target>
    [[nodiscard]] bool enter(const Target&... target);
    [[nodiscard]] task<failure> find_addresses(const url& where);
    [[nodiscard]] task<failure> connect_to(boost::asio::ip::tcp::endpoint peer);
    [[nodiscard]] failure open_socket(boost::asio::ip::tcp::endpoint peer);
    void use(std::unique_ptr<client_connection> c) noexcept;

    std::shared_ptr<client_core> core_;
    address_list addresses_;
    client_pool::place place_;
    std::unique_ptr<client_connection> connection_;
    call_watch watch_;
};

}  // namespace distd::http

// The wait for a socket that was read empty. Asio's own asks the kernel anew each time (epoll_ctl, a
// twentieth of a small request), as it cannot know whether something was left unread. Right after a read that
// would have blocked that is not needed: epoll is edge-triggered and reports whatever arrives from then on.
//
// What it relies on is private to Asio and was checked for the version named below; with any other it is
// Asio's wait.
#pragma once

#include <boost/asio/version.hpp>
#include <utility>

#include "http/transport/socket_io.hpp"

#if BOOST_ASIO_VERSION == 102600 && defined(BOOST_ASIO_HAS_EPOLL)
#define DISTD_HAS_EDGE_WAIT 1
#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>
#endif

namespace distd::http {

// What is known of the socket when the wait begins.
enum class socket_state {
    empty,    // a read just found it so: the loop has had no turn in between
    unknown,  // an event may have been reported since then: the wait may end at once
};

#ifdef DISTD_HAS_EDGE_WAIT

namespace detail {

// One wait. The reactor asks `perform` when it begins, in case something had come before, and when something
// comes.
template <class Handler>
class edge_wait_op : public boost::asio::detail::reactor_op {
public:
    BOOST_ASIO_DEFINE_HANDLER_PTR(edge_wait_op);

    edge_wait_op(Handler& handler, const executor& ex, socket_state before)
        : reactor_op({}, &edge_wait_op::perform, &edge_wait_op::complete),
          ignores_first_(before == socket_state::empty),
          handler_(std::move(handler)),
          work_(handler_, ex) {}

    void listen() noexcept { ignores_first_ = false; }

private:
    static status perform(reactor_op* base) {
        return static_cast<edge_wait_op*>(base)->ignores_first_ ? not_done : done_and_exhausted;
    }

    static void complete(void* owner, boost::asio::detail::operation* base, const boost::system::error_code&,
                         std::size_t) {
        auto* o = static_cast<edge_wait_op*>(base);
        ptr p = {boost::asio::detail::addressof(o->handler_), o, o};
        auto work = std::move(o->work_);
        // The memory goes before the handler is called, which may begin the next wait in it.
        boost::asio::detail::binder1<Handler, boost::system::error_code> call(0, std::move(o->handler_),
                                                                              o->ec_);
        p.h = boost::asio::detail::addressof(call.handler_);
        p.reset();
        if (owner) work.complete(call, call.handler_);
    }

    bool ignores_first_;
    Handler handler_;
    boost::asio::detail::handler_work<Handler, executor> work_;
};

// What a cancellation slot holds.
class edge_wait_end {
public:
    edge_wait_end(boost::asio::detail::reactor& r, boost::asio::detail::reactor::per_descriptor_data& d,
                  int fd)
        : reactor_(&r), data_(&d), descriptor_(fd) {}
    void operator()(boost::asio::cancellation_type) {
        reactor_->cancel_ops_by_key(descriptor_, *data_, boost::asio::detail::reactor::read_op, this);
    }

private:
    boost::asio::detail::reactor* reactor_;
    boost::asio::detail::reactor::per_descriptor_data* data_;
    int descriptor_;
};

// The one thing that the socket does not give away.
struct reactor_data {
    static auto& of(stream_socket& s) { return s.impl_.get_implementation().reactor_data_; }
};

}  // namespace detail

#endif

// The waits of a loop's sockets.
class edge_waits {
public:
#ifdef DISTD_HAS_EDGE_WAIT
    static constexpr bool hears_edges_only = true;
    explicit edge_waits(const executor& ex)
        : reactor_(boost::asio::use_service<boost::asio::detail::reactor>(ex.context())) {}

    // Until there is something to read, or the peer has closed. The socket must have been found empty (a read
    // that would block, or that brought less than there was room for), and be non-blocking. A close may be
    // missed that had come right behind the last bytes of a short read; a read that would block has none.
    template <class Token>
    auto operator()(stream_socket& socket, socket_state before, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [this, &socket, before](auto handler) { this->begin(socket, before, handler); }, token);
    }

private:
    template <class Handler>
    void begin(stream_socket& socket, socket_state before, Handler& handler) {
        if (socket.tls() && detail::when_readable(*socket.tls()) == detail::readable_when::it_is_now)
            return wait_for_bytes(socket, std::move(handler));
        using op = detail::edge_wait_op<Handler>;
        typename op::ptr p = {boost::asio::detail::addressof(handler), op::ptr::allocate(handler), nullptr};
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const bool goes_on = boost_asio_handler_cont_helpers::is_continuation(handler);
        auto* o = p.p = new (p.v) op(handler, socket.get_executor(), before);
        p.v = p.p = nullptr;  // the reactor's from here on
        auto& data = detail::reactor_data::of(socket);
        const auto fd = socket.native_handle();
        if (slot.is_connected())
            o->cancellation_key_ = &slot.template emplace<detail::edge_wait_end>(reactor_, data, fd);
        reactor_.start_op(boost::asio::detail::reactor::read_op, fd, data, o, goes_on, true);
        if (before == socket_state::empty) o->listen();
    }

    boost::asio::detail::reactor& reactor_;
#else
    static constexpr bool hears_edges_only = false;
    explicit edge_waits(const executor&) {}

    template <class Token>
    auto operator()(stream_socket& socket, socket_state, Token&& token) {
        return wait_for_bytes(socket, std::forward<Token>(token));
    }
#endif
};

}  // namespace distd::http

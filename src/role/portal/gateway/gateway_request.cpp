// A request on its way through the gateway: counted, bounded, and carried by its relay.
#include <algorithm>
#include <distd/http.hpp>

#include "base/gauge_hold.hpp"
#include "http/server/exchange.hpp"
#include "role/portal/gateway/gateway.hpp"
#include "role/portal/gateway/request_kinds.hpp"

namespace distd::portal {
namespace {

struct counted_request {
    counted_request(std::shared_ptr<exposed_service> s, steady_point now)
        : of(std::move(s)), in_flight(of->in_flight), began(now) {
        of->requests.add();
    }
    void answered(int status, int tries, steady_point now) {
        if (status >= 100 && status < 600) of->answered[status / 100]->add();
        of->traffic.add(now, {.took = now - began,
                              .has_failed = status >= 500,
                              .retries = std::max(tries - 1, 0),
                              .in_flight = static_cast<std::size_t>(of->in_flight.value())});
        of->duration.observe_ns(static_cast<std::uint64_t>((now - began).count()));
    }
    std::shared_ptr<exposed_service> of;
    gauge_hold in_flight;
    steady_point began;
};

}  // namespace

// It belongs to what waits with it: the client's connection, or its own coroutine.
class gateway::one_request final : public std::enable_shared_from_this<gateway::one_request> {
public:
    one_request(gateway& g, http::exchange& x) : gateway_(g), x_(x) {
        gateway_call call;
        refused_ = g.find(x, call);
        if (refused_) return;
        counted_.emplace(call.service, x.began);
        refused_ = judge_kind(x, call.route);
        if (!refused_) refused_ = g.clients_.judge_rate(x, x.began);
        call.client = g.clients_.address_of(x);
        if (!refused_)
            relay_.emplace(g.core_, x, std::move(call), g.clients_.trusts(x.remote), g.service_.time());
    }

    http::handler_result start() {
        auto self = shared_from_this();
        if (refused_ || x_.head.has_body()) return run(std::move(self));
        return http::deferred(
            http::buffers::keep,
            [self = std::move(self)](http::request, http::pending_answer a) { self->begin(std::move(a)); });
    }

private:
    void begin(http::pending_answer a) {
        auto notify = [weak = weak_from_this()](const boost::system::error_code&) {
            if (const auto alive = weak.lock()) alive->on_answer();
        };
        if (!relay_->begin(std::move(notify))) return a.go_on(to_run());
        answer_.emplace(std::move(a));
        answer_->on_gone([self = shared_from_this()] {});  // it is kept while somebody waits, and no longer
    }

    void on_answer() {
        auto answer = *std::move(answer_);
        bool is_passed_on = false;
        try {
            is_passed_on = relay_->ends_at_once();
        } catch (const std::exception& e) {
            return answer.fail(e.what());
        }
        if (!is_passed_on) return answer.go_on(to_run());
        answer.give(passed_on());
    }

    http::handler to_run() {
        return [self = shared_from_this()](http::request) { return run(self); };
    }

    static task<http::response> run(std::shared_ptr<one_request> self) {
        auto& refused = self->refused_;
        if (!refused) refused = co_await self->relay_->run();
        if (!refused) co_return self->passed_on();
        auto& g = self->gateway_;
        if (self->counted_)
            self->counted_->answered(refused->status, self->x_.tries, g.service_.time().now());
        co_return g.fail(self->x_, *refused);
    }

    http::response passed_on() {
        counted_->answered(x_.relayed_status, x_.tries, relay_->ended());
        counted_.reset();
        x_.relayed_whole = relay_->was_whole();
        return http::response(x_.relayed_status);
    }

    gateway& gateway_;
    http::exchange& x_;
    std::optional<gateway_failure> refused_;
    std::optional<counted_request> counted_;
    std::optional<relay> relay_;
    std::optional<http::pending_answer> answer_;
};

http::handler_result gateway::pass(http::exchange& x) {
    return std::make_shared<one_request>(*this, x)->start();
}

}  // namespace distd::portal

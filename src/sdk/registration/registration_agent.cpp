// Carries out what registration_fsm decides: one request to the registry at a time, and one connection held
// beside it.
#include "sdk/registration/registration_agent.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "base/scope_exit.hpp"
#include "http/client/client.hpp"
#include "http/client/client_core.hpp"
#include "http/message/local_addresses.hpp"
#include "http/message/url.hpp"
#include "sdk/registration/owner_prover.hpp"
#include "sdk/registration/registration_fsm.hpp"
#include "wire/header_names.hpp"
#include "wire/registration_list.hpp"

namespace distd {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using contact = registration_fsm::contact;

// A registry sends our first patch before it answers, and some notify one subscriber after the other.
constexpr milliseconds enroll_deadline{10'000};
constexpr milliseconds ask_deadline{2'000};
constexpr milliseconds withdraw_deadline{5'000};
constexpr std::size_t max_answer = 16 << 20;
constexpr seconds judged_for{10};

registration_fsm::answer judged(const result<http::reply>& r) {
    registration_fsm::answer a;
    if (!r) {
        a.how = http::may_have_arrived(r.error()) ? contact::broken : contact::unreachable;
        return a;
    }
    a.how = contact::answered;
    a.status = r->status;
    a.is_ours = r->headers.contains(wire::registry_id_header);
    return a;
}

}  // namespace

struct registration_agent::impl {
    impl(registration_agent_setup s, http::client& c, executor ex, time_source& t, logger l)
        : setup(std::move(s)),
          client(c),
          loop(ex),
          time(t),
          log(std::move(l)),
          core(setup.registries.size(), setup.heartbeat_interval),
          peers(std::make_shared<http::client_core>(peers_setup(), ex, t, nullptr, setup.look_up)),
          news(ex, t),
          peer_watch_changed(ex, t) {
        DISTD_ASSERT(!setup.registries.empty());
        if (!setup.owner_secret.empty()) owner.emplace(setup.owner_secret, time);
        if (setup.peer_watch) return;
        setup.peer_watch = [this](http::peer_watch_setup ts, std::function<void()> held) {
            return http::hold_peer_watch(std::move(ts), peers, std::move(held));
        };
    }

    task<> run() {
        // While the loop still turns: what looks after deadlines ends in a turn of its own.
        const scope_exit at_end([this] { peers->stop(); });
        co_await (decide() && hold_peer_watches());
    }

    http::client_setup peers_setup() const {
        http::client_setup s;
        s.credentials = setup.credentials;
        s.trust = setup.trust;
        return s;
    }

    task<> decide() {
        for (;;) {
            const auto step = core.next(time.now());
            using enum registration_fsm::action;
            switch (step.what) {
                case wait: co_await news.wait_until(step.until); break;
                case watch: watch_peer(step.registry); break;
                case enroll: co_await do_enroll(step.registry); break;
                case withdraw: co_await do_withdraw(step.registry); break;
                case ask: co_await do_ask(step.registry); break;
            }
        }
    }

    task<> do_enroll(std::size_t registry) {
        if (core.was_registered() && setup.forgotten) setup.forgotten();
        auto c = call_to(registry, "POST", "/services", enroll_deadline);
        c.body = to_wire(setup.self);
        c.content_type = "application/json";
        if (owner) owner->prove(c);
        enrolling = true;
        const auto reply = co_await client.send(std::move(c));
        enrolling = false;
        note(registry, reply, refusal::matters);
        core.enrolled(judged(reply), time.now(), random_u64());
        if (!core.registered()) co_return;
        log.info("registered", {{"registry", setup.registries[registry]}, {"url", setup.self.url}});
        trouble.clear();
        if (setup.registered) setup.registered();
    }

    task<> do_withdraw(std::size_t registry) {
        auto c = withdrawal(registry, withdraw_deadline);
        const auto reply = co_await client.send(std::move(c));
        note(registry, reply, refusal::expected);
        core.withdrawn(judged(reply), time.now(), random_u64());
    }

    task<> do_ask(std::size_t registry) {
        auto reply = co_await ask_for_urls(registry);
        auto a = judged(reply);
        a.lists_us = a.status == 200 && wire::find_registration(reply->body, setup.self.url).has_value();
        const bool was_registered = core.registered();
        core.asked(a, time.now(), random_u64());
        note(registry, reply, was_registered ? refusal::matters : refusal::expected);
        if (was_registered && !core.registered())
            log.warn("registry_lost", {{"registry", setup.registries[registry]}, {"reason", trouble}});
    }

    // Of the instances with our name no more than their URLs: others may have registered much beside. An
    // earlier version of our registry refuses a question with a parameter that it does not know.
    task<result<http::reply>> ask_for_urls(std::size_t registry) {
        auto reply = co_await ask_for(registry, own_path() + "?fields=ServiceURL");
        if (reply && reply->status == 400) reply = co_await ask_for(registry, own_path());
        co_return reply;
    }

    task<result<http::reply>> ask_for(std::size_t registry, std::string path) {
        auto c = call_to(registry, "GET", path, ask_deadline);
        c.answer_limit = max_answer;
        co_return co_await client.send(std::move(c));
    }

    // The peer watch has a coroutine of its own, `hold_peer_watches`; this says which registry it is to
    // watch.
    void watch_peer(std::size_t registry) {
        peer_watch_registry = registry;
        ++peer_watch_wanted;
        peer_watch_changed.wake();
    }

    task<> hold_peer_watches() {
        std::uint64_t held = 0;
        for (;;) {
            co_await another_wanted(held);
            held = peer_watch_wanted;
            http::peer_watch_setup ts;
            ts.url = setup.registries[peer_watch_registry] + own_path();
            ts.probe_after = std::chrono::ceil<seconds>(setup.heartbeat_interval);
            const std::function<void()> opened = [this, held] {
                if (!is_of_use(held)) return;
                core.peer_watch_opened(time.now());
                news.wake();
            };
            const auto ended = co_await (setup.peer_watch(std::move(ts), opened) || another_wanted(held));
            if (ended.index() != 0 || !is_of_use(held)) continue;
            core.peer_watch_ended(std::get<0>(ended), time.now());
            news.wake();
        }
    }

    [[nodiscard]] bool is_of_use(std::uint64_t held) const {
        return held == peer_watch_wanted && peer_watch_registry == core.home();
    }

    task<> another_wanted(std::uint64_t than) {
        while (than == peer_watch_wanted) co_await peer_watch_changed.wait();
    }

    http::call call_to(std::size_t registry, std::string method, const std::string& path,
                       milliseconds deadline) const {
        http::call c(std::move(method), setup.registries[registry] + path);
        c.deadline = deadline;
        return c;
    }

    http::call withdrawal(std::size_t registry, milliseconds deadline) {
        auto c = call_to(registry, "DELETE", "/services", deadline);
        c.body = setup.self.url;
        c.content_type = "text/plain";
        if (owner) owner->prove(c);
        return c;
    }

    [[nodiscard]] std::string own_path() const {
        return "/services/" + http::percent_encode(setup.self.name);
    }

    // Whether a status that is no success is worth a word: a question, or a withdrawal to be sure, may well
    // be answered 404.
    enum class refusal : std::uint8_t { expected, matters };

    // Keeps the sentence for `problem`, and logs it when it is a new one: a registry that is away for an hour
    // is one line.
    void note(std::size_t registry, const result<http::reply>& r, refusal status) {
        const auto& where = setup.registries[registry];
        std::string sentence;
        if (!r) {
            sentence = "the registry at " + where + " cannot be used: " + r.error().message();
        } else if (r->status == 401) {
            sentence = "the registry at " + where + " refuses our access token";
        } else if (r->status == 403) {
            sentence = "the registry at " + where + " refuses us: " + r->body.substr(0, 400);
        } else if (!core.registered() && status == refusal::expected) {
            return;  // does not say whether it accepts us
        } else if (!core.registered() && (r->status < 200 || r->status > 299)) {
            sentence = "the registry at " + where + " answered " + std::to_string(r->status) + ": " +
                       r->body.substr(0, 200);
        }
        if (sentence == trouble) return;
        trouble = std::move(sentence);
        if (!trouble.empty() && !core.registered()) log.warn("not_registered", {{"reason", trouble}});
    }

    // Whether a registry may call from that address. On its own machine it may have any of the machine's.
    bool is_registry(const std::string& address) {
        const auto now = time.now();
        if (address == judged_address && now < judged_until) return is_judged_registry;
        judged_address = address;
        judged_until = now + judged_for;
        boost::system::error_code ec;
        const auto from = boost::asio::ip::make_address(address, ec);
        is_judged_registry =
            !ec && std::ranges::any_of(setup.registries, [&](const auto& base) { return is_at(base, from); });
        return is_judged_registry;
    }

    bool is_at(const std::string& base, const boost::asio::ip::address& from) {
        const auto where = http::split_peer_url(base);
        const auto known = where ? peers->names.known(where->host) : std::nullopt;
        if (!known || !*known) return false;
        return std::ranges::any_of(
            **known, [&](const auto& a) { return a == from || (machine.is_own(a) && machine.is_own(from)); });
    }

    registration_agent_setup setup;
    http::client& client;
    executor loop;
    time_source& time;
    logger log;
    registration_fsm core;
    std::shared_ptr<http::client_core> peers;  // of the peer watch
    http::local_addresses machine;
    std::string judged_address;  // the address that was asked about last: mostly it is the same one again
    steady_point judged_until;
    bool is_judged_registry = false;
    alarm_clock news;  // for `decide`: something happened
    alarm_clock peer_watch_changed;
    std::size_t peer_watch_registry = 0;
    std::uint64_t peer_watch_wanted = 0;
    bool enrolling = false;
    std::string trouble;
    std::optional<owner_prover> owner;
};

registration_agent::registration_agent(registration_agent_setup s, http::client& c, executor ex,
                                       time_source& t, const logger& l)
    : impl_(std::make_unique<impl>(std::move(s), c, ex, t, l)) {}

registration_agent::~registration_agent() = default;

task<> registration_agent::run() { return impl_->run(); }

bool registration_agent::is_registry(const std::string& address) { return impl_->is_registry(address); }

void registration_agent::on_heartbeat() noexcept {
    impl_->core.heartbeat(impl_->time.now());
    impl_->news.wake();
}

task<> registration_agent::leave(milliseconds within) {
    if (!impl_->core.may_be_listed() && !impl_->enrolling) co_return;
    auto c = impl_->withdrawal(impl_->core.home(), within);
    const auto reply = co_await impl_->client.send(std::move(c));
    if (!reply) impl_->log.warn("not_deregistered", {{"reason", reply.error().message()}});
}

bool registration_agent::registered() const noexcept { return impl_->core.registered(); }

std::string registration_agent::problem() const {
    if (registered()) return {};
    return impl_->trouble.empty() ? "not registered yet" : impl_->trouble;
}

}  // namespace distd

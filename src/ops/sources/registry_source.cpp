#include "ops/sources/registry_source.hpp"

#include <utility>

#include "ops/questions/registry_questions.hpp"
#include "sdk/role_services.hpp"
#include "sdk/secret_file.hpp"

namespace distd::ops {
namespace {

constexpr milliseconds state_age{250};
constexpr milliseconds rest_age{2000};

bool has_tokens(service& s) {
    const auto& tokens = credentials_of(s);
    return tokens && tokens->is_required();
}

}  // namespace

registry_source::registry_source(service& s)
    : service_(s),
      state_(s, "console registry", state_age, [this] { return fetch_state(); }),
      histories_{
          shared_source<health_bars>(s, "console health", seconds(5),
                                     [this] { return ask_health(sender(), time_range::hour); }),
          shared_source<health_bars>(s, "console health", seconds(15),
                                     [this] { return ask_health(sender(), time_range::day); }),
          shared_source<health_bars>(s, "console health", seconds(60),
                                     [this] { return ask_health(sender(), time_range::month); }),
      },
      details_(s, "console probes", seconds(1),
               [this](std::string name) { return ask_details(sender(), std::move(name)); }),
      keys_(s, "console keys", seconds(2),
            [this](std::string directory) { return ask_keys(sender(), std::move(directory)); }),
      alerts_(s, "console alerts", seconds(1), [this] { return ask_alerts(sender()); }) {}

std::string registry_source::address() const {
    const auto& all = registries_of(service_);
    return all.empty() ? std::string() : all[preferred_ % all.size()];
}

task<result<http::reply>> registry_source::send_to_one(http::call c, owner_prover* proofs) {
    const auto& all = registries_of(service_);
    const auto path = c.url;
    for (std::size_t tried = 0; tried < all.size(); ++tried) {
        c.url = all[preferred_ % all.size()] + path;
        auto copy = c;
        if (proofs) proofs->prove(copy);
        auto r = co_await service_.http().send(std::move(copy));
        if (r || tried + 1 == all.size()) co_return r;
        ++preferred_;
    }
    co_return errc::no_provider;
}

send_function registry_source::sender() {
    return [this](http::call c) { return send_to_one(std::move(c)); };
}

task<result<http::reply>> registry_source::read(std::string path) {
    auto question = make_question(std::move(path));
    co_return co_await send_to_one(std::move(question));
}

std::string registry_source::secret_file() const {
    const auto& named = service_.config().text("console-operator-secret");
    return named.empty() ? service_.config().text("data-dir") + "/registry/operator.secret" : named;
}

// A registry without access tokens takes whoever may read its data folder for its operator. The file is read
// for each change, since a registry that was restarted has another secret.
owner_prover* registry_source::operator_proofs() {
    if (has_tokens(service_)) return nullptr;
    const auto secret = read_secret(disk_of(service_), secret_file());
    if (!secret) return nullptr;
    if (operator_secret_ != *secret) {
        operator_secret_ = *secret;
        operator_.emplace(*secret, service_.time());
    }
    return &*operator_;
}

std::string registry_source::missing_secret_file() const {
    const bool is_there = has_tokens(service_) || read_secret(disk_of(service_), secret_file());
    return is_there ? std::string() : secret_file();
}

task<result<http::reply>> registry_source::send(http::call c) {
    auto r = co_await send_to_one(std::move(c), operator_proofs());
    state_.make_stale();
    alerts_.make_stale();
    rest_asked_at_ = {};
    co_return r;
}

// The list decides whether the registry is there. While it is the same the rest is asked for less often: each
// request is a line in the registry's log.
task<fetched<registry_state>> registry_source::fetch_state() {
    registry_state next;
    if (const auto& known = state_.known().good) next = *known;
    const auto before = next.instances;
    auto send = sender();
    auto trouble = co_await ask_instances(send, &next, "/services");
    if (!trouble.empty()) co_return fetched<registry_state>{nullptr, std::move(trouble)};
    const auto now = service_.time().now();
    if (next.instances != before || now - rest_asked_at_ >= rest_age) {
        rest_asked_at_ = now;
        co_await ask_rest(send, &next);
    }
    co_return fetched<registry_state>{std::make_shared<const registry_state>(std::move(next)), {}};
}

task<std::vector<instance>> registry_source::details(std::string name, std::optional<steady_point> asked) {
    const auto known = co_await details_.current(std::move(name), asked);
    co_return known.good ? *known.good : std::vector<instance>();
}

task<std::vector<std::string>> registry_source::keys(std::string directory,
                                                     std::optional<steady_point> asked) {
    const auto known = co_await keys_.current(std::move(directory), asked);
    co_return known.good ? *known.good : std::vector<std::string>();
}

}  // namespace distd::ops

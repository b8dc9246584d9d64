#include "client/system/roles_client.hpp"

#include <algorithm>
#include <utility>

#include "client/system/verb_failure.hpp"
#include "http/client/client_call.hpp"
#include "http/message/registered_url.hpp"
#include "http/message/request_origin.hpp"
#include "http/transport/tls_context.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/system_overview.hpp"
#include "sdk/registration/owner_prover.hpp"
#include "sdk/secret_file.hpp"

namespace distd::ops::client {
namespace {

http::client_setup setup_with(std::shared_ptr<http::access_control> credentials,
                              const registry_access& where) {
    http::client_setup s;
    s.user_agent = std::string(http::command_line_user_agent);
    s.keeps_after_bodies = true;  // of one operator
    s.credentials = std::move(credentials);
    s.trust = std::make_shared<const http::tls_client>(where.roots);
    return s;
}

}  // namespace

std::string without_end(std::string text) {
    while (text.ends_with('.')) text.pop_back();
    return text;
}

std::string unreachable(std::string_view whom, std::string_view address, std::string_view why) {
    return "cannot reach " + std::string(whom) + " at " + std::string(address) + ": " + std::string(why);
}

roles_client::roles_client(executor ex, time_source& time, registry_access where)
    : where_(std::move(where)),
      names_(ex),
      credentials_(std::make_shared<http::access_control>(time)),
      core_(std::make_shared<http::client_core>(setup_with(credentials_, where_), ex, time, nullptr,
                                                names_.lookup())) {
    if (!where_.token.empty()) credentials_->use_tokens({where_.token});
}

roles_client::~roles_client() { stop(); }

void roles_client::stop() {
    core_->stop();
    names_.close();
}

task<result<http::reply>> roles_client::send(http::call c) {
    if (calls_due_) {
        const auto left = std::chrono::duration_cast<milliseconds>(*calls_due_ - core_->time.now());
        c.deadline = std::min(c.deadline, left);  // none left: the call fails, and is not sent
        c.connect_deadline = std::min(c.connect_deadline, left);
    }
    return http::send_call(core_, std::move(c));
}

task<http::reply> roles_client::ask_registry(http::call c) {
    const auto path = c.url;
    std::string words;
    for (std::size_t tried = 0; tried < where_.registries.size(); ++tried) {
        c.url = registry_url() + path;
        auto copy = c;
        auto r = co_await send(std::move(copy));
        if (r) expect_access("the registry", registry_url(), *r);
        if (r) co_return *std::move(r);
        words += unreachable("the registry", registry_url(), trouble_of(r)) + "\n";
        preferred_ = (preferred_ + 1) % where_.registries.size();
    }
    throw verb_failure(
        exit_code::cannot_reach,
        words + "set --registry=URL or DISTD_REGISTRY, or start one: distd run --role=registry");
}

std::optional<std::string> roles_client::operator_secret() const {
    for (const auto& file : where_.secret_files)
        if (auto secret = read_secret(real_disk(), file)) return secret;
    return std::nullopt;
}

// A registry without access tokens takes whoever may read its data folder for its operator.
task<http::reply> roles_client::change_registry(http::call c) {
    auto first = c;
    auto r = co_await ask_registry(std::move(first));
    if (r.status != 403 || !where_.token.empty()) co_return r;
    const auto secret = operator_secret();
    if (!secret)
        throw verb_failure(
            exit_code::answer_is_no,
            "the registry: " + without_end(refusal_of(r)) +
                "\nwhere there are no access tokens its operator is who may read the file "
                "registry/operator.secret in its data folder: name that by DISTD_OPERATOR_SECRET");
    c.url = registry_url() + c.url;
    owner_prover(*secret, core_->time).prove(c);
    auto again = co_await send(std::move(c));
    co_return again ? *std::move(again) : std::move(r);
}

task<result<http::reply>> roles_client::ask_as_result(http::call c) {
    auto r = co_await ask_registry(std::move(c));
    co_return r;
}

send_function roles_client::registry() {
    return [this](http::call c) { return ask_as_result(std::move(c)); };
}

send_function roles_client::at(std::string base) {
    return [this, base = std::move(base)](http::call c) {
        c.url = base + c.url;
        return send(std::move(c));
    };
}

send_function roles_client::anywhere() {
    return [this](http::call c) { return send(std::move(c)); };
}

void roles_client::expect_access(std::string_view whom, std::string_view address,
                                 const http::reply& r) const {
    if (r.status != 401) return;
    std::string way = "set DISTD_TOKEN, or write the token into ~/.config/distd/token (mode 0600)";
    if (where_.token_from == registry_access::token_variable)
        way =
            "the token is that of DISTD_TOKEN: set another one, or unset it for that of "
            "~/.config/distd/token";
    else if (!where_.token_from.empty())
        way = "the token is that of " + where_.token_from + ": write another one there, or set DISTD_TOKEN";
    throw access_refused(std::string(whom) + " at " + std::string(address) +
                         " refused: " + without_end(refusal_of(r)) + "\n" + way);
}

std::string roles_client::authorization(const http::proven_call& c) const {
    return credentials_->is_required() ? credentials_->prove(c, std::nullopt) : std::string();
}

std::vector<std::string> addresses_of(const std::vector<instance>& all, std::string_view name) {
    std::vector<const instance*> found;
    for (const auto& i : all)
        if (i.name == name) found.push_back(&i);
    const auto rank = [](const instance* i) {
        const auto s = state_of(*i);
        if (s == instance_state::well || s == instance_state::unchecked) return 0;
        return s == instance_state::starting ? 1 : s == instance_state::drained ? 2 : 3;
    };
    std::ranges::sort(found, {},
                      [&](const instance* i) { return std::pair(rank(i), std::string_view(i->url)); });
    std::vector<std::string> out;
    for (const auto* i : found) out.push_back(http::base_url_of(i->url));
    return out;
}

}  // namespace distd::ops::client

#include "client/system/context.hpp"

#include <distd/json.hpp>
#include <utility>

#include "client/system/verb_failure.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "ops/questions/registry_questions.hpp"
#include "wire/header_names.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

constexpr milliseconds poll_pause{1000};  // of a registry that has nothing to wait for

void write_all(std::FILE* to, std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), to) != text.size() || std::fflush(to) != 0)
        throw output_closed();
}

// Throws, if the registry did not answer as it should.
void expect_no_trouble(const context& c, std::string_view trouble) {
    if (trouble.empty()) return;
    throw verb_failure(exit_code::cannot_reach, "the registry at " + c.roles.registry_url() + ": " +
                                                    without_end(std::string(trouble)));
}

std::vector<std::string> role_among(const context& c, const std::vector<instance>& all, std::string_view name,
                                    const std::string& what, const std::string& role) {
    auto known = addresses_of(all, name);
    if (!known.empty()) return known;
    const auto& registry = c.roles.registry_url();
    throw verb_failure(exit_code::cannot_reach, "no " + what + " is registered at " + registry +
                                                    "\nstart one: distd run --role=" + role +
                                                    " --registry=" + registry);
}

}  // namespace

void context::print(std::string_view text) const { write_all(out_, text); }

void context::print_json(const boost::json::value& v) const { print(to_text(v) + "\n"); }

void context::say(std::string_view words) const {
    const auto text = for_charset(words, err) + "\n";
    std::fwrite(text.data(), 1, text.size(), err_);
    std::fflush(err_);
}

http::call context::change(std::string method, std::string path) const {
    http::call c(std::move(method), std::move(path));
    c.headers.set(wire::actor_header, roles.where().actor);
    return c;
}

task<registry_state> ask_registry_state(context& c, std::string path) {
    registry_state state;
    auto first = c.roles.registry();
    const auto trouble = co_await ask_instances(std::move(first), &state, std::move(path));
    expect_no_trouble(c, trouble);
    auto rest = c.roles.registry();
    co_await ask_rest(std::move(rest), &state);
    co_return state;
}

task<std::vector<instance>> ask_registered(context& c) {
    registry_state state;
    auto send = c.roles.registry();
    const auto trouble = co_await ask_instances(std::move(send), &state, "/services");
    expect_no_trouble(c, trouble);
    co_return *state.instances;
}

std::string log_service_among(const context& c, const std::vector<instance>& all) {
    return role_among(c, all, wire::log_service, "log service", "log").front();
}

std::vector<std::string> gateways_among(const context& c, const std::vector<instance>& all) {
    return role_among(c, all, wire::portal_service, "gateway (Portald)", "portal");
}

std::string console_among(const context& c, const std::vector<instance>& all) {
    return role_among(c, all, wire::console_service, "console", "console").front();
}

verb_failure away(const context& c, std::string_view whom, std::string_view name, const std::string& address,
                  const std::string& why) {
    return {exit_code::cannot_reach, unreachable(whom, address, without_end(why)) +
                                         "\nits address is of the registry at " + c.roles.registry_url() +
                                         "; distd show " + std::string(name) + " says more"};
}

task<std::string> find_log_service(context& c) {
    const auto all = co_await ask_registered(c);
    co_return log_service_among(c, all);
}

task<std::shared_ptr<const gateway_state>> ask_all_gateways(context& c) {
    const auto all = co_await ask_registered(c);
    const auto portals = gateways_among(c, all);
    auto send = c.roles.anywhere();
    auto state = co_await ask_gateways(std::move(send), portals);
    if (!state.value) throw away(c, "the gateway", wire::portal_service, portals.front(), state.trouble);
    co_return state.value;
}

task<std::uint64_t> wait_for_change(context& c, std::string path, std::uint64_t index,
                                    milliseconds patience) {
    if (index != 0) {
        path += path.find('?') == path.npos ? '?' : '&';
        path += "index=" + std::to_string(index) + "&wait=" + std::to_string(patience.count()) + "ms";
    }
    auto question = make_question(std::move(path));
    if (index != 0)
        question.deadline += patience + patience / 16;  // the registry may prolong the wait by that
    const auto r = co_await c.roles.ask_registry(std::move(question));
    const auto now = wire::read_index(r.headers.find(wire::index_header));
    if (now == 0) co_await sleep_for(c.time, std::min(patience, poll_pause));
    co_return now;
}

}  // namespace distd::ops::client

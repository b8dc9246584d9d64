#include "http/server/router.hpp"

#include <algorithm>
#include <stdexcept>

#include "http/message/url.hpp"
#include "http/server/exchange.hpp"

namespace distd::http {
namespace {

std::string_view first_segment(std::string_view path, std::string_view& rest) noexcept {
    const auto slash = path.find('/', 1);
    rest = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    return path.substr(1, slash == std::string_view::npos ? slash : slash - 1);
}

bool is_param(std::string_view segment) noexcept {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

constexpr std::size_t default_body_bytes = 1 << 20;

std::size_t max_body_of(const route& r) noexcept {
    const bool only_reads = r.method == verb::get || r.method == verb::head;
    return r.options.body_limit.value_or(only_reads ? 0 : default_body_bytes);
}

void count_route(route& r, const std::string& method, metrics& m) {
    static constexpr const char* classes[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (std::size_t c = 1; c < r.answered.size(); ++c)
        r.answered[c] = &m.count("distd_http_requests_total", "Requests answered",
                                 {{"method", method}, {"route", r.pattern}, {"status", classes[c]}});
    r.duration = &m.durations("distd_http_request_duration_seconds", "From a request's head to its answer",
                              {{"method", method}, {"route", r.pattern}});
}

}  // namespace

bool router::node::has_routes() const noexcept {
    return std::any_of(routes.begin(), routes.end(), [](const auto& r) { return r != nullptr; });
}

void router::add(route r) {
    if (r.pattern.empty() || r.pattern.front() != '/')
        throw std::invalid_argument("a route begins with /: " + r.pattern);
    node* at = &root_;
    bool literal = true;
    for (std::string_view rest = r.pattern; !rest.empty();) {
        const auto segment = first_segment(rest, rest);
        if (!is_param(segment)) {
            auto& next = at->literals[std::string(segment)];
            if (!next) next = std::make_unique<node>();
            at = next.get();
            continue;
        }
        literal = false;
        auto name = segment.substr(1, segment.size() - 2);
        const bool takes_rest = name.size() > 3 && name.substr(name.size() - 3) == "...";
        if (takes_rest && !rest.empty()) throw std::invalid_argument("{name...} ends a route: " + r.pattern);
        if (takes_rest) name.remove_suffix(3);
        if (r.param_names.size() == path_params::max)
            throw std::invalid_argument("too many parameters: " + r.pattern);
        r.param_names.emplace_back(name);
        auto& next = takes_rest ? at->rest : at->param;
        if (!next) next = std::make_unique<node>();
        at = next.get();
    }
    auto& slot = at->routes[static_cast<std::size_t>(r.method)];
    if (slot) throw std::invalid_argument("the route is there already: " + r.pattern);
    if (literal) literal_paths_[r.pattern] = at;
    r.max_body = max_body_of(r);
    slot = std::make_unique<route>(std::move(r));
    all_.push_back(slot.get());
}

const router::node* router::walk(const node& at, std::string_view path, path_params& params) const {
    if (path.empty()) return at.has_routes() ? &at : nullptr;
    std::string_view rest;
    const auto segment = first_segment(path, rest);
    const auto kept = params.count;
    const auto literal = segment.find('%') == std::string_view::npos
                             ? at.literals.find(segment)
                             : at.literals.find(percent_decode(segment).value_or(std::string()));
    if (literal != at.literals.end())
        if (const auto* found = walk(*literal->second, rest, params)) return found;
    params.count = kept;
    if (at.param && !segment.empty()) {
        params.values[params.count++] = segment;
        if (const auto* found = walk(*at.param, rest, params)) return found;
        params.count = kept;
    }
    if (!at.rest) return nullptr;
    params.values[params.count++] = path.substr(1);
    return at.rest.get();
}

router::match router::find(verb method, std::string_view path, path_params& params) const {
    match result;
    params.count = 0;
    const auto literal = literal_paths_.find(path);
    const auto* at = literal != literal_paths_.end() ? literal->second : nullptr;
    if (!at && path.size() > 0 && path.front() == '/') at = walk(root_, path, params);
    if (!at) return result;
    result.path_exists = true;
    result.found = at->routes[static_cast<std::size_t>(method)].get();
    if (!result.found && method == verb::head)
        result.found = at->routes[static_cast<std::size_t>(verb::get)].get();
    if (result.found) return result;
    for (auto v : {verb::get, verb::head, verb::post, verb::put, verb::patch, verb::del, verb::options}) {
        const bool offered = at->routes[static_cast<std::size_t>(v)] || v == verb::options ||
                             (v == verb::head && at->routes[static_cast<std::size_t>(verb::get)]);
        if (!offered) continue;
        if (!result.allow.empty()) result.allow += ", ";
        result.allow += to_string(v);
    }
    return result;
}

router::match router::find(const request_head& head, path_params& params) const {
    if (!is_foreign_ || !root_.rest || !is_foreign_(head.find("Host")) || keeps_on_all_hosts(head.path))
        return find(head.method, head.path, params);
    match result;
    params.count = 0;
    result.path_exists = true;
    result.found = root_.rest->routes[static_cast<std::size_t>(head.method)].get();
    return result;
}

void router::sign_answers(std::string_view name, std::string_view value) {
    signature_.assign(name).append(": ").append(value).append("\r\n");
}

void router::count_in(metrics& m) {
    for (auto* r : all_) count_route(*r, std::string(to_string(r->method)), m);
    unrouted_.pattern = "none";
    count_route(unrouted_, "any", m);
}

response router::refuse(const exchange& x, int status, std::string sentence) const {
    if (page_ && list_has_token(x.head.find("Accept"), "text/html")) return page_(x, status, sentence);
    return response::problem(status, std::move(sentence));
}

}  // namespace distd::http

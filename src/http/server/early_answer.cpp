#include "http/server/early_answer.hpp"

#include "http/access/access_control.hpp"
#include "http/message/request_origin.hpp"
#include "http/transport/tls_context.hpp"

namespace distd::http {
namespace {

// Before anything is looked up, and before a token is asked for.
std::optional<response> judge_host(server_core& core, const exchange& x) {
    const auto host = x.head.find("Host");
    // Whoever gave us a certificate for a name has made it one of ours.
    const bool is_ours = host.empty()  // HTTP/1.0, which no browser speaks
                         || core.setup.names.answers(host) || core.routes.answers_host(host) ||
                         (core.https && core.https->shows_for(without_port(host))) ||
                         core.routes.keeps_on_all_hosts(x.head.path);
    if (is_ours) return std::nullopt;
    core.refused_heads.add();
    return response::problem(421, "Requests to " + std::string(host) +
                                      " are not answered here: only those to an address, to localhost, to "
                                      "this machine's name, to those of its certificates and to the names "
                                      "of --allowed-hosts.");
}

// Nothing: it is answered here. Who names no host cannot be sent on, and gets nothing in clear all the same.
std::optional<response> redirect_to_https(const server_core& core, const exchange& x) {
    const auto& how = core.routes.to_https();
    if (!how || x.is_encrypted || !core.https_port || how->has_come_with_tls(x)) return std::nullopt;
    const auto host = without_port(x.head.find("Host"));
    // The system's own programs ask where the registry says, which may be without TLS. They send no tokens.
    const bool is_for_programs = x.matched && (x.matched->options.internal || x.matched->options.polled);
    if (is_for_programs || !x.head.target.starts_with('/')) return std::nullopt;
    if (host.empty())
        return response::problem(400,
                                 "This is answered over https:// only; a request that names no host "
                                 "(Host) cannot be sent on to there.");
    auto to = "https://" + std::string(host);
    const auto port = how->port().value_or(*core.https_port);
    if (port != 443) to.append(":").append(std::to_string(port));
    return response::redirect(308, to.append(x.head.target));
}

std::optional<response> judge_access(server_core& core, const stream_socket& socket, const exchange& x,
                                     request_body& body) {
    auto& admission = core.setup.admission;
    if (!admission || !admission->is_required()) return std::nullopt;
    boost::system::error_code gone;
    const auto called = socket.local_endpoint(gone);
    const proven_call c{x.head.method_text, x.head.target, x.head.find("Host")};
    const auto verdict =
        admission->judge(x.head.find("Authorization"), c, core.setup.names, called, x.remote);
    if (verdict.is_granted) {
        if (verdict.body) body.expect(*verdict.body);
        return std::nullopt;
    }
    note_refused_access(core, x, verdict.reason);
    return response::problem(401, verdict.reason).header("WWW-Authenticate", "Bearer, Basic realm=\"distd\"");
}

response refuse_without_route(server_core& core, const exchange& x, const router::match& match) {
    constexpr const char* all_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    auto& routes = core.routes;
    if (x.head.method == verb::other) return routes.refuse(x, 501, "Unknown method.");
    if (x.head.method == verb::options && (match.path_exists || x.head.target == "*"))
        return response(204).header("Allow", match.path_exists ? match.allow : all_methods);
    if (match.path_exists)
        return routes
            .refuse(x, 405,
                    std::string(x.head.method_text) + " is not offered here; " + match.allow + " are.")
            .header("Allow", match.allow);
    return routes.refuse(x, 404, "There is nothing at " + std::string(x.head.path) + ".");
}

}  // namespace

std::optional<response> answer_from_head(server_core& core, const stream_socket& socket, exchange& x,
                                         request_body& body) {
    if (auto wrong = judge_host(core, x)) return wrong;
    auto match = core.routes.find(x.head, x.params);
    x.matched = match.found;
    if (auto elsewhere = redirect_to_https(core, x)) return elsewhere;
    if (!(match.found && match.found->options.open))
        if (auto refused = judge_access(core, socket, x, body)) return refused;
    if (!match.found) return refuse_without_route(core, x, match);
    const bool only_reads = x.head.method == verb::get || x.head.method == verb::head;
    if (!only_reads && core.routes.refuses_other_sites() && is_from_other_site(request(x)))
        return core.routes.refuse(x, 403, "A page of another site may not change anything here.");
    const auto limit = match.found->max_body;
    if (limit == 0 && x.head.has_body())
        return core.routes.refuse(x, 413,
                                  "A " + std::string(x.head.method_text) + " request takes no body here.");
    if (x.head.content_length && *x.head.content_length > limit)
        return core.routes.refuse(
            x, 413, "The body is larger than the " + std::to_string(limit) + " bytes that are taken here.");
    return std::nullopt;
}

// A person without a token is asked for one and is no news, wrong ones are.
void note_refused_access(server_core& core, const exchange& x, const char* reason) {
    core.refused_access.add();
    if (x.head.find("Authorization").empty() || !core.may_log_refused_access()) return;
    logger(core.log, core.setup.source)
        .warn("access_refused", {{"peer", x.remote},
                                 {"path", x.head.path},
                                 {"reason", reason},
                                 {"in_all", core.refused_access.value()}});
}

}  // namespace distd::http

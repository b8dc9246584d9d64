// From a verb and a path to a route. Filled before the port opens, then only read. A literal segment wins
// over a parameter, a parameter over a rest; what a route answered is counted at the route.
#pragma once

#include <array>
#include <distd/metrics.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_map.hpp"
#include "http/server/route.hpp"

namespace distd::http {

struct request_head;

class router {
public:
    struct match {
        route* found = nullptr;
        bool path_exists = false;
        std::string
            allow;  // the methods of the path; filled when the method is not among them, and for OPTIONS
    };

    // Throws std::invalid_argument for a malformed pattern or a route that is there already.
    void add(route r);
    [[nodiscard]] match find(verb, std::string_view path, path_params& params) const;

    // Requests to hosts for which `is_foreign` says so go to the rest of all paths, `/{name...}`, whatever
    // other routes there are; none: no host is.
    void set_catch_all_hosts(std::function<bool(std::string_view host)> is_foreign) {
        is_foreign_ = std::move(is_foreign);
    }
    [[nodiscard]] match find(const request_head&, path_params& params) const;

    // Paths of which a route of ours takes requests to all hosts, also to those that are not answered
    // otherwise.
    void keep_on_all_hosts(std::function<bool(std::string_view path)> is_kept) {
        is_kept_ = std::move(is_kept);
    }
    [[nodiscard]] bool keeps_on_all_hosts(std::string_view path) const { return is_kept_ && is_kept_(path); }

    // Hosts that are answered beside those that the server is told of; none: no other.
    void answer_hosts(std::function<bool(std::string_view host)> is_ours) { is_ours_ = std::move(is_ours); }
    [[nodiscard]] bool answers_host(std::string_view host) const { return is_ours_ && is_ours_(host); }

    // For requests that no route takes: a page, once there is one, for those who accept text/html.
    void set_error_page(refusal_page page) { page_ = std::move(page); }
    [[nodiscard]] response refuse(const exchange&, int status, std::string sentence) const;

    // Requests that change something and were sent by a page of another site get 403.
    void refuse_other_sites() noexcept { refuses_other_sites_ = true; }
    [[nodiscard]] bool refuses_other_sites() const noexcept { return refuses_other_sites_; }

    // Requests without TLS are sent on to where it is spoken: those to routes that are for the system's own
    // processes are not, nor are those that came with TLS to a proxy in front.
    struct https_redirect {
        std::function<bool(const exchange&)> has_come_with_tls;
        std::function<std::optional<std::uint16_t>()> port;  // as clients have it; nothing: the listener's
    };
    void send_plain_to_https(https_redirect r) { to_https_ = std::move(r); }
    [[nodiscard]] const std::optional<https_redirect>& to_https() const noexcept { return to_https_; }
    // What browsers that came with TLS are told to do from then on: the value of Strict-Transport-Security.
    // Empty: nothing.
    void set_strict_transport(std::string value) { strict_transport_ = std::move(value); }
    [[nodiscard]] const std::string& strict_transport() const noexcept { return strict_transport_; }

    // A field of each answer that a handler of these routes gives: written as it stands, at no cost of an
    // allocation for each.
    void sign_answers(std::string_view name, std::string_view value);
    [[nodiscard]] std::string_view signature() const noexcept { return signature_; }  // its line

    // Every route's counters, and those of requests that reached none, in `m`.
    void count_in(metrics& m);
    [[nodiscard]] const route& unrouted() const noexcept { return unrouted_; }

private:
    struct node {
        std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
        std::unique_ptr<node> param;
        std::unique_ptr<node> rest;
        std::array<std::unique_ptr<route>, 8> routes;  // by verb

        [[nodiscard]] bool has_routes() const noexcept;
    };

    [[nodiscard]] const node* walk(const node& at, std::string_view rest_of_path, path_params& params) const;

    node root_;
    text_map<node*> literal_paths_;
    std::vector<route*> all_;
    route unrouted_;
    refusal_page page_;
    std::function<bool(std::string_view host)> is_foreign_;
    std::function<bool(std::string_view host)> is_ours_;
    std::function<bool(std::string_view path)> is_kept_;
    std::string strict_transport_;
    std::string signature_;
    std::optional<https_redirect> to_https_;
    bool refuses_other_sites_ = false;
};

}  // namespace distd::http

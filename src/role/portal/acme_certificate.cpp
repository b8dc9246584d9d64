#include "role/portal/acme_certificate.hpp"

#include "acme/certificates.hpp"
#include "base/disk.hpp"
#include "base/ip_address.hpp"
#include "base/scope_exit.hpp"
#include "http/message/base64.hpp"
#include "http/message/url.hpp"
#include "http/server/router.hpp"
#include "sdk/role_services.hpp"
#include "sdk/secret_file.hpp"

namespace distd::portal {
namespace {

constexpr const char* lets_encrypt = "https://acme-v02.api.letsencrypt.org/directory";
constexpr const char* lets_encrypt_staging = "https://acme-staging-v02.api.letsencrypt.org/directory";
constexpr std::size_t max_names = 100;  // as Let's Encrypt takes in one certificate

void check_name(const std::string& name) {
    const auto refuse = [&](const std::string& why) {
        throw settings_error("--portal-acme-names: " + name + why);
    };
    if (name.starts_with("*."))
        refuse(
            ": a CA does not validate names with a wildcard over HTTP; name each host, or set "
            "--tls-cert-file");
    const auto address = parse_ip_address(name);
    if (address && address->to_string() != name) refuse(": write " + address->to_string());
    if (!address && !acme::is_host_name(name))
        refuse(" is no host name or address; write it in lower case, as in shop.example.org");
}

void check_directory(const settings& given, const char* name) {
    const auto& url = given.text(name);
    std::string error;
    if (url.empty()) return;
    const auto u = http::split_url(url, error);
    if (!u || !u->is_secure)
        throw settings_error("--" + std::string(name) + "=" + url + ": " +
                             (u ? "a CA is asked by https:// only" : error));
}

std::string staging_of(const settings& given) {
    const auto& staging = given.text("portal-acme-staging");
    const bool is_lets_encrypt = given.text("portal-acme-directory") == lets_encrypt;
    return staging.empty() && is_lets_encrypt ? lets_encrypt_staging : staging;
}

std::optional<acme::known_account> account_of(const settings& given, disk& d) {
    const auto& kid = given.text("portal-acme-eab-kid");
    if (kid.empty()) return std::nullopt;
    const auto& file = given.text("portal-acme-eab-key-file");
    const auto rights = d.rights_of(file, disk::links::are_followed);
    const bool is_secret = rights && !rights->others_may_read;
    auto text = is_secret ? read_secret(d, file).value_or(std::string()) : std::string();
    while (!text.empty() && text.back() == ' ') text.pop_back();
    const auto key = http::base64url_decode(text);
    if (!key || key->empty())
        throw settings_error(
            "--portal-acme-eab-key-file=" + file +
            ": it holds no key as the CA gave it out (base64url), in a file that nobody else "
            "can read or change; chmod 600 it");
    return acme::known_account{kid, *key};
}

// They would do nothing, and nobody would notice.
void check_alone(const settings& given) {
    for (const auto& row : acme_settings()) {
        if (row.kind == setting_kind::texts || given.text(row.name) == row.fallback) continue;
        throw settings_error("--" + row.name +
                             ": no certificate is ordered; set --portal-acme=EMAIL and "
                             "--portal-acme-names=NAME,...");
    }
}

acme::acme_wish wish_of(const settings& given, disk& d) {
    return {given.list("portal-acme-names"),
            given.text("portal-acme"),
            given.text("portal-acme-directory"),
            staging_of(given),
            account_of(given, d),
            given.text("portal-acme-challenge") == "tls-alpn-01"};
}

http::client_setup calls_of(service& s) {
    http::client_setup setup;
    setup.keeps_after_bodies = true;  // all of them are ours
    setup.trust = trust_outside_of(s);
    setup.metrics_prefix = "distd_acme_client";
    return setup;
}

}  // namespace

std::vector<setting> acme_settings() {
    using enum setting_kind;
    return {
        {.name = "portal-acme",
         .kind = text,
         .fallback = "",
         .help = "Have the certificate for --tls-listen issued by ACME, and renewed: the e-mail address for "
                 "the CA, to whose terms you agree; needs --portal-acme-names",
         .placeholder = "EMAIL"},
        {.name = "portal-acme-names",
         .kind = texts,
         .fallback = "",
         .help = "Host names for which it is issued; each has to lead to this portal",
         .placeholder = "NAME,...",
         .repeatable = true},
        {.name = "portal-acme-directory",
         .kind = text,
         .fallback = lets_encrypt,
         .help = "The CA's ACME directory",
         .placeholder = "URL"},
        {.name = "portal-acme-staging",
         .kind = text,
         .fallback = "",
         .help = "The CA's directory for tries, asked first after a failure; without it Let's Encrypt's own, "
                 "and none of another CA",
         .placeholder = "URL"},
        {.name = "portal-acme-challenge",
         .kind = choice,
         .fallback = "http-01",
         .help = "How a CA sees that a name is ours: by a request to port 80, or by a handshake on port 443",
         .choices = {"http-01", "tls-alpn-01"}},
        {.name = "portal-acme-eab-kid",
         .kind = text,
         .fallback = "",
         .help = "The key id of an account that the CA knows already (external account binding)",
         .placeholder = "ID"},
        {.name = "portal-acme-eab-key-file",
         .kind = path,
         .fallback = "",
         .help = "The HMAC key of that account, as the CA gave it out (base64url)",
         .placeholder = "FILE"},
    };
}

bool wants_acme(const settings& given) { return !given.list("portal-acme-names").empty(); }

void check_acme_settings(const settings& given) {
    const auto& names = given.list("portal-acme-names");
    if (given.text("portal-acme").empty() != names.empty())
        throw settings_error(names.empty()
                                 ? "--portal-acme: for which names? Set --portal-acme-names=NAME,..."
                                 : "--portal-acme-names: the CA wants an e-mail address; set "
                                   "--portal-acme=EMAIL");
    if (names.empty()) return check_alone(given);
    if (names.size() > max_names)
        throw settings_error("--portal-acme-names: one certificate is for 100 names at most");
    const bool is_by_tls = given.text("portal-acme-challenge") == "tls-alpn-01";
    for (const auto& name : names) {
        check_name(name);
        if (is_by_tls && parse_ip_address(name))
            throw settings_error("--portal-acme-names: " + name +
                                 ": addresses are proven by --portal-acme-challenge=http-01 only");
    }
    check_directory(given, "portal-acme-directory");
    check_directory(given, "portal-acme-staging");
    if (given.text("portal-acme-eab-kid").empty() != given.text("portal-acme-eab-key-file").empty())
        throw settings_error("--portal-acme-eab-kid and --portal-acme-eab-key-file: set both, or none");
}

acme_certificate::acme_certificate(service& s)
    : service_(s),
      client_(calls_of(s), s.loop(), s.time(), s.metrics(), lookup_of(s)),
      agent_(wish_of(s.config(), disk_of(s)), disk_of(s), s.data_dir() + "/acme", client_, s.loop(), s.time(),
             s.log()) {
    mount();
    show_certificate(s, {[this] { return agent_.shown(); }, [this] { return state(); },
                         [this] { return agent_.challenges().shown(); }});
    agent_.on_change([this] { certificate_changed(service_); });
    s.metrics().level_of("distd_acme_failures", "Tries in a row that have brought no certificate",
                         [this] { return static_cast<double>(agent_.state().failures); });
    s.background("certificates by ACME", [this] { return run(); });
}

// Before all routes, also for hosts whose requests go to instances. What is not ours reaches those, who may
// come by a certificate in the same way.
void acme_certificate::mount() {
    const auto token_in = [](std::string_view path) {
        return path.starts_with(acme::challenge_book::place) ? path.substr(acme::challenge_book::place.size())
                                                             : std::string_view();
    };
    routes_of(service_).keep_on_all_hosts([this, token_in](std::string_view path) {
        return !agent_.challenges().empty() && agent_.challenges().find(token_in(path)) != nullptr;
    });
    service_.get(std::string(acme::challenge_book::place) + "{token}",
                 [this](http::request q) {
                     const auto* found = agent_.challenges().find(q.param("token"));
                     if (!found)
                         return http::response::problem(404,
                                                        "No certificate is being issued for that token.");
                     return http::response::text(200, *found);
                 },
                 {.internal = true, .open = true});
}

task<> acme_certificate::run() {
    const scope_exit at_end([this] { client_.stop(); });
    co_await agent_.run();
}

certificate_state acme_certificate::state() const {
    const auto s = agent_.state();
    const auto& facts = agent_.shown()->facts();
    certificate_state out;
    out.file = "acme";
    out.names = facts.names;
    out.until = facts.until;
    out.issuing = issuing_state{s.until.has_value(), s.doing, s.last_error, s.next_try, s.not_saved};
    return out;
}

}  // namespace distd::portal

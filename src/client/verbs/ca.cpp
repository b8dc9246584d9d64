// distd ca local: an authority of one's own and a certificate of it, for a developer's machine. It writes
// into its folder and nowhere else: whom a machine trusts its owner decides.
#include <filesystem>

#include "acme/certificates.hpp"
#include "base/disk.hpp"
#include "base/environment.hpp"
#include "base/ip_address.hpp"
#include "base/whole_file.hpp"
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"

namespace distd::ops::client {
namespace {

using std::chrono::hours;

constexpr hours day{24};
constexpr hours root_life = 3650 * day;
constexpr hours leaf_life = 397 * day;  // the longest that all browsers take
constexpr hours skew{1};                // of other machines' clocks

[[noreturn]] void fail(const std::string& words) { throw verb_failure(exit_code::cannot_reach, words); }

void write(const std::string& path, const std::string& text) {
    if (const auto done = replace_file(real_disk(), path, text); !done)
        fail(path + " cannot be written: " + done.error().message());
}

std::string read(const std::string& path) {
    auto text = read_file(real_disk(), path, 1U << 20);
    if (!text) fail(path + " cannot be read: " + text.error().message());
    return *std::move(text);
}

// What is wrong in a file, with its name.
template <class Judge>
auto judged(const std::string& file, Judge judge) {
    try {
        return judge();
    } catch (const std::runtime_error& e) {
        fail(file + ": " + e.what());
    }
}

// The one of earlier calls, which is trusted already.
acme::authority root_in(const std::string& folder, wall_point now) {
    const auto certificate = folder + "/root.pem";
    const auto key = folder + "/root.key";
    if (real_disk().exists(certificate) && real_disk().exists(key)) {
        auto text = read(certificate);
        judged(certificate, [&] { acme::expect_certificate(text); });
        const auto key_text = read(key);
        return {std::move(text), judged(key, [&] { return acme::ec_key(key_text); })};
    }
    // Who trusts it would not trust another one.
    if (real_disk().exists(certificate))
        fail(key + " is not there, without which " + certificate +
             " vouches for nothing; bring it back, or take another --folder");
    auto made_key = acme::ec_key::make();
    auto made = acme::make_certificate(
        {.subject = "distd local CA", .from = now - skew, .until = now + root_life, .is_authority = true},
        made_key);
    write(key, made_key.pem());
    write(certificate, made);
    return {std::move(made), std::move(made_key)};
}

std::string how_to_trust(const std::string& root, const std::string& pair, const std::string& name) {
    return "Show it:\n"
           "  distd --role=portal --tls-listen=127.0.0.1:5443 --tls-cert-file=" +
           pair +
           "\n"
           "Trust it; this changed nothing but its folder:\n"
           "  Debian       sudo cp " +
           root +
           " /usr/local/share/ca-certificates/distd-local.crt && sudo update-ca-certificates\n"
           "  Chromium     certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n distd-local -i " +
           root +
           "\n"
           "  Firefox      Settings, Privacy & Security, View Certificates, Authorities, Import\n"
           "  curl         curl --cacert " +
           root + " https://" + name +
           ":5443/\n"
           "  distd        --tls-ca-file=" +
           root +
           ", and DISTD_TLS_CA_FILE for its verbs\n"
           "Whoever has root.key can pass for any site towards those who trust it: keep it to yourself.\n";
}

// As XDG has it.
std::string default_folder() {
    const auto data = environment_variable("XDG_DATA_HOME");
    const auto home = environment_variable("HOME");
    if (!data.empty()) return data + "/distd/local-ca";
    return home.empty() ? "local-ca" : home + "/.local/share/distd/local-ca";
}

std::string file_name_of(const std::string& name) {
    if (parse_ip_address(name)) return "address";
    return name.starts_with("*.") ? "all." + name.substr(2) : name;
}

task<int> run_ca(context& c) {
    auto names = std::vector<std::string>(c.given.words().begin() + 1, c.given.words().end());
    if (names.empty()) names = {"localhost", "127.0.0.1", "::1"};
    for (const auto& name : names)
        if (!acme::is_host_name(name.starts_with("*.") ? name.substr(2) : name) && !parse_ip_address(name))
            throw verb_failure(exit_code::wrong_use,
                               name + " is no host name, in lower case, and no address");
    auto folder = c.given.text("folder").empty() ? default_folder() : c.given.text("folder");
    if (const auto made = real_disk().make_directories(folder); !made)
        fail(folder + " cannot be made: " + made.error().message());
    folder = std::filesystem::absolute(folder).lexically_normal().string();
    const auto root = root_in(folder, c.now());
    const auto key = acme::ec_key::make();
    const auto pair = folder + "/" + file_name_of(names.front()) + ".pem";
    const auto leaf = acme::make_certificate({.names = names,
                                              .subject = "distd local certificate",
                                              .from = c.now() - skew,
                                              .until = c.now() + leaf_life},
                                             key, &root);
    write(pair, key.pem() + leaf + root.certificate);
    const auto root_file = folder + "/root.pem";
    if (c.out.is_json)
        c.print_json({{"root", root_file}, {"pair", pair}});
    else
        c.print(root_file + "  whom to trust, for ten years\n" + pair +
                "  certificate and key, for 397 days\n\n" + how_to_trust(root_file, pair, names.front()));
    co_return exit_code::done;
}

}  // namespace

verb describe_ca() {
    verb v;
    v.name = "ca";
    v.form = "local [NAME...]";
    v.summary = "Make a certificate for this machine, and an authority of your own that vouches for it";
    v.details =
        "Without names it is for localhost, 127.0.0.1 and ::1. The authority is made once. Nothing but the "
        "folder is touched: how to trust it is printed.";
    v.min_words = 1;
    v.max_words = any_number;
    v.first_words = {"local"};
    v.options = {{0,
                  {.name = "folder",
                   .kind = setting_kind::path,
                   .fallback = "",
                   .help = "Where they lie; without it ~/.local/share/distd/local-ca"}}};
    v.examples = {
        {"distd ca local", "for localhost"},
        {"distd ca local shop.test localhost", "for another name, which leads to this machine, too"}};
    v.run = &run_ca;
    return v;
}

}  // namespace distd::ops::client

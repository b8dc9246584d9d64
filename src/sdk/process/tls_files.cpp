#include "sdk/process/tls_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/settings/options_values.hpp"
#include "sdk/process/private_file.hpp"

namespace distd {
namespace {

constexpr const char* certificate_setting = "tls-cert-file";
constexpr const char* key_setting = "tls-key-file";
constexpr const char* roots_setting = "tls-ca-file";
constexpr std::array warns_days_before{14, 7, 3, 1, 0};  // of the end of a certificate, once each

std::string named(const char* setting, const std::string& file) {
    return "--" + std::string(setting) + "=" + file;
}

std::string place_of(const certificate_files& f) {
    const bool is_one = f.key.empty() || f.key == f.certificate;
    return named(certificate_setting, f.certificate) + (is_one ? "" : " with " + named(key_setting, f.key));
}

bool is_awaited(const certificate_state& s) { return s.issuing && !s.issuing->is_issued; }

}  // namespace

std::vector<certificate_files> certificate_files_of(const settings& given) {
    const auto& certificates = given.list(certificate_setting);
    const auto& keys = given.list(key_setting);
    if (!keys.empty() && keys.size() != certificates.size())
        throw settings_error("--tls-key-file: there are " + std::to_string(keys.size()) + " keys for " +
                             std::to_string(certificates.size()) +
                             " certificates; give one for each --tls-cert-file, in the same order, or none "
                             "where each file has its key in it");
    std::vector<certificate_files> out;
    for (std::size_t i = 0; i < certificates.size(); ++i)
        out.push_back({certificates[i], keys.empty() ? certificates[i] : keys[i]});
    return out;
}

std::shared_ptr<const http::tls_certificate> read_certificate(const certificate_files& f) {
    const bool has_both = f.key == f.certificate;
    const auto chain = read_private_file(f.certificate, named(certificate_setting, f.certificate),
                                         has_both ? file_secret::of_group : file_secret::nothing,
                                         "the certificate", "answer in our place");
    const auto key = has_both ? chain
                              : read_private_file(f.key, named(key_setting, f.key), file_secret::of_group,
                                                  "the key", "answer in our place");
    try {
        return std::make_shared<const http::tls_certificate>(chain, key);
    } catch (const http::certificate_error& e) {
        throw settings_error(place_of(f) + ": " + e.what());
    }
}

std::string read_roots(const std::string& file, const std::string& named) {
    auto text = read_private_file(file, named, file_secret::nothing, "whom we believe",
                                  "let anybody pass for anybody");
    try {
        static_cast<void>(http::tls_client(text));
    } catch (const http::certificate_error& e) {
        throw settings_error(named + ": " + e.what());
    }
    return text;
}

std::optional<std::string> roots_of(const settings& given) {
    const auto& file = given.text(roots_setting);
    if (file.empty()) return std::nullopt;
    return read_roots(file, named(roots_setting, file));
}

tls_files::tls_files(std::vector<certificate_files> pairs, std::vector<certificate_source> others,
                     std::string ticket_folder, disk& d, executor loop, time_source& time, logger log,
                     metrics& m)
    : others_(std::move(others)),
      ticket_folder_(std::move(ticket_folder)),
      disk_(d),
      time_(time),
      bell_(loop, time),
      log_(std::move(log)),
      server_(std::make_shared<http::tls_server>(std::make_shared<http::tls_counters>(m))) {
    for (auto& files : pairs) {
        pair p{.files = std::move(files)};
        p.seen_certificate = file_trace::of(p.files.certificate);
        p.seen_key = file_trace::of(p.files.key);
        p.in_use = read_certificate(p.files);
        if (const std::string problem = p.in_use->problem_at(time_.wall()); !problem.empty())
            log_.error("certificate_not_valid", {{"file", p.files.certificate},
                                                 {"reason", problem},
                                                 {"effect", "it is shown, and clients refuse it"}});
        warn_of(p);
        pairs_.push_back(std::move(p));
    }
    show();
    show_challenges();
    look_at_tickets();
    describe(m);
}

void tls_files::describe(metrics& m) {
    for (const auto& p : pairs_) {
        const metric_labels which{{"file", p.files.certificate}};
        m.level_of(
            "distd_tls_certificate_days_left", "Days until the certificate in use is over",
            [this, &p] { return days_left(p); }, which);
        m.level_of(
            "distd_tls_certificate_refused",
            "1 when what is in the file now is not used, or is and clients refuse it for its time",
            [this, &p] {
                const bool is_good = p.problem.empty() && !*p.in_use->problem_at(time_.wall());
                return is_good ? 0.0 : 1.0;
            },
            which);
    }
    for (const auto& source : others_)
        m.level_of("distd_tls_certificate_days_left", "Days until the certificate in use is over",
                   [this, &source] { return days_left(source.state()); }, {{"file", source.state().file}});
}

double tls_files::days_until(wall_point end) const {
    using days = std::chrono::duration<double, std::ratio<86400>>;
    return days(end - time_.wall()).count();
}

// Of one that is not issued yet there are none.
double tls_files::days_left(const certificate_state& s) const {
    return is_awaited(s) ? 0 : days_until(s.until);
}

double tls_files::days_left(const pair& p) const { return days_until(p.in_use->facts().until); }

std::vector<certificate_state> tls_files::state() const {
    std::vector<certificate_state> all;
    for (const auto& p : pairs_) {
        const auto& facts = p.in_use->facts();
        const auto days = static_cast<int>(std::floor(days_left(p)));
        all.push_back({p.files.certificate, facts.names, facts.until, days,
                       p.in_use->problem_at(time_.wall()), p.problem});
    }
    for (const auto& source : others_) {
        auto state = source.state();
        state.days_left = static_cast<int>(std::floor(days_left(state)));
        if (!is_awaited(state)) state.invalid = source.shown()->problem_at(time_.wall());
        all.push_back(std::move(state));
    }
    return all;
}

task<> tls_files::run() {
    for (;;) {
        co_await bell_.wait_for(interval);
        look();
    }
}

// On the loop: they are small files of this machine.
void tls_files::look() {
    for (auto& p : pairs_) {
        look_at(p);
        warn_of_end(p);
    }
    show();
    look_at_tickets();
}

void tls_files::look_at_others() {
    show();
    show_challenges();
}

// While two files are being exchanged they do not fit each other: the next look, after the second file has
// changed, sees that they do.
void tls_files::look_at(pair& p) {
    const auto certificate = file_trace::of(p.files.certificate);
    const auto key = file_trace::of(p.files.key);
    // One that was refused may be good by now without a change: its time has come, or it can be read again.
    if (p.problem.empty() && certificate == p.seen_certificate && key == p.seen_key) return;
    p.seen_certificate = certificate;
    p.seen_key = key;
    const auto before = p.in_use;
    try {
        p.in_use = read_valid(p);
    } catch (const settings_error& e) {
        if (std::exchange(p.problem, e.what()) != e.what())
            log_.error("certificate_kept", {{"reason", p.problem}, {"days_left", days_left(p)}});
        return;
    }
    p.problem.clear();
    p.warned_of_days = std::numeric_limits<int>::max();
    log_.info("certificate_exchanged", {{"file", p.files.certificate},
                                        {"names", joined(p.in_use->facts().names, ", ")},
                                        {"days_left", days_left(p)}});
    warn_of(p);
    warn_of_lost_names(p, *before);
}

std::shared_ptr<const http::tls_certificate> tls_files::read_valid(const pair& p) const {
    auto read = read_certificate(p.files);
    const std::string problem = read->problem_at(time_.wall());
    if (!problem.empty()) throw settings_error(place_of(p.files) + ": " + problem);
    return read;
}

void tls_files::warn_of(const pair& p) {
    const auto& facts = p.in_use->facts();
    if (facts.is_slow)
        log_.warn("certificate_slow", {{"file", p.files.certificate},
                                       {"reason",
                                        "a key like this one (RSA of 3072 bits and more, P-384, P-521) makes "
                                        "each handshake many times as expensive as P-256 does"}});
    if (!facts.has_issuer_here)
        log_.warn("certificate_chain_short",
                  {{"file", p.files.certificate},
                   {"reason", "the file ends with the server's certificate; most clients need the one of " +
                                  facts.issuer + " behind it"}});
}

// The new pair is what the operator put there, so it is shown; but whoever calls by such a name is refused
// now.
void tls_files::warn_of_lost_names(const pair& p, const http::tls_certificate& before) {
    std::vector<std::string> lost;
    for (const auto& name : before.facts().names)
        if (!p.in_use->has_name(name)) lost.push_back(name);
    if (lost.empty()) return;
    log_.warn("certificate_names_lost",
              {{"file", p.files.certificate},
               {"names", joined(lost, ", ")},
               {"reason", "the certificate before this one was for them, and this one is not"}});
}

void tls_files::warn_of_end(pair& p) {
    const auto left = days_left(p);
    int reached = p.warned_of_days;
    for (const int days : warns_days_before)
        if (left <= days) reached = std::min(reached, days);
    if (std::exchange(p.warned_of_days, reached) == reached) return;
    log_.warn("certificate_ends", {{"file", p.files.certificate}, {"days_left", left}});
}

// What clients refuse for its time, or because nobody vouches for it yet, comes behind what they take.
void tls_files::show() {
    std::vector<std::shared_ptr<const http::tls_certificate>> good;
    std::vector<std::shared_ptr<const http::tls_certificate>> others;
    const auto sort_in = [&](const std::shared_ptr<const http::tls_certificate>& one, bool is_issued) {
        const bool is_good = is_issued && !*one->problem_at(time_.wall());
        (is_good ? good : others).push_back(one);
    };
    for (const auto& p : pairs_) sort_in(p.in_use, true);
    for (const auto& source : others_) sort_in(source.shown(), !is_awaited(source.state()));
    auto all = good;
    all.insert(all.end(), others.begin(), others.end());
    if (all == server_->certificates() && good_ == good.size()) return;
    good_ = good.size();
    server_->use(std::move(good), others);
    if (on_exchange_) on_exchange_();
}

void tls_files::show_challenges() {
    http::tls_challenges challenges;
    for (const auto& source : others_) challenges.merge(source.challenges());
    server_->show_challenges(std::move(challenges));
}

// Who else uses the same data folder uses the same keys: the newest file counts.
void tls_files::look_at_tickets() {
    const auto now = file_trace::of(ticket_file());
    has_ticket_folder_ = has_ticket_folder_ || now != file_trace();
    bool has_changed = false;
    if (now != seen_tickets_ && now != file_trace()) {
        seen_tickets_ = now;
        try {
            const auto text = read_private_file(ticket_file(), ticket_file(), file_secret::everything,
                                                "the keys", "read what clients send");
            if (const auto keys = http::ticket_keys::of_text(text)) {
                tickets_ = *keys;
                has_changed = true;
            }
        } catch (const settings_error& e) {
            log_.warn("ticket_keys_not_read", {{"reason", e.what()}});
        }
    }
    if (tickets_.rotate(time_.wall())) {
        has_changed = true;
        save_tickets();
    }
    if (has_changed) server_->use(tickets_);
}

// On the loop, so nothing of it is synced but, at the start, the folder: should the machine fail, clients
// shake hands once more.
void tls_files::save_tickets() {
    const auto half_written = ticket_file() + ".new";
    const auto text = tickets_.text();
    result<> saved;
    if (!has_ticket_folder_) saved = disk_.make_directories(ticket_folder_);
    if (saved) saved = disk_.remove(half_written);
    if (saved) {
        const auto file = disk_.open(half_written, disk::mode::create_new);
        const auto written = file ? (*file)->append(text) : result<std::size_t>(file.error());
        if (!written)
            saved = written.error();
        else if (*written != text.size())
            saved = errc::storage_full;
    }
    if (saved) saved = disk_.rename(half_written, ticket_file());
    has_ticket_folder_ = saved.has_value();
    if (!saved)
        log_.warn("ticket_keys_not_saved", {{"reason", saved.error().message()},
                                            {"effect", "clients shake hands again after a restart"}});
    seen_tickets_ = file_trace::of(ticket_file());
}

}  // namespace distd

#include "acme/certificate_store.hpp"

#include <stdexcept>

#include "base/digest.hpp"
#include "base/whole_file.hpp"

namespace distd::acme {
namespace {

constexpr const char* certificate_file = "certificate.pem";
constexpr const char* record_file = "order.json";
constexpr std::size_t max_bytes = 1 << 20;

std::string account_file(const std::string& directory) {
    return "account-" + to_hex(sha256(directory)).substr(0, 16) + ".json";
}

}  // namespace

certificate_store::certificate_store(disk& d, std::string folder, executor loop)
    : disk_(d), folder_(std::move(folder)), writer_("acme", 1, loop) {
    if (const auto made = disk_.make_directories(folder_); !made)
        throw std::runtime_error(folder_ +
                                 ": the folder for certificates cannot be made: " + made.error().message());
}

std::optional<std::string> certificate_store::read(const std::string& name) {
    const auto path = folder_ + "/" + name;
    if (!disk_.exists(path)) return std::nullopt;
    auto text = read_file(disk_, path, max_bytes);
    if (text) return *std::move(text);
    problem_ = path + " cannot be read: " + text.error().message();
    return std::nullopt;
}

std::optional<std::string> certificate_store::read_certificate() { return read(certificate_file); }

acme_record certificate_store::read_record() {
    const auto text = read(record_file);
    if (!text) return {};
    json_error error;
    auto record = from_json<acme_record>(*text, error);
    if (!record) problem_ = folder_ + "/" + record_file + " is damaged: " + error.text;
    return std::move(record).value_or(acme_record());
}

void certificate_store::read_account(const std::string& directory) {
    const auto text = read(account_file(directory));
    if (!text) return;
    json_error error;
    auto account = from_json<kept_account>(*text, error);
    if (account)
        accounts_[directory] = *std::move(account);
    else
        problem_ = folder_ + "/" + account_file(directory) + " is damaged: " + error.text;
}

const kept_account* certificate_store::account(const std::string& directory) const {
    const auto at = accounts_.find(directory);
    return at == accounts_.end() ? nullptr : &at->second;
}

task<bool> certificate_store::keep_certificate(std::string pair) {
    return keep(certificate_file, std::move(pair));
}

task<bool> certificate_store::keep_record(acme_record r) { return keep(record_file, to_text(to_json(r))); }

task<bool> certificate_store::keep_account(kept_account a) {
    auto text = to_text(to_json(a));
    auto name = account_file(a.directory);
    accounts_[a.directory] = std::move(a);
    return keep(std::move(name), std::move(text));
}

task<bool> certificate_store::keep(std::string name, std::string text) {
    unsaved_[name] = std::move(text);
    co_await retry();
    co_return !unsaved_.contains(name);
}

task<> certificate_store::retry() {
    problem_.clear();
    const auto all = unsaved_;
    for (const auto& one : all) {
        auto job = [this, one] { return write(one.first, one.second); };
        const auto saved = co_await writer_.run(std::move(job));
        if (saved)
            unsaved_.erase(one.first);
        else
            problem_ = folder_ + "/" + one.first + " cannot be written: " + saved.error().message();
    }
}

// On the thread.
result<> certificate_store::write(const std::string& name, const std::string& text) {
    return replace_file(disk_, folder_ + "/" + name, text);
}

}  // namespace distd::acme

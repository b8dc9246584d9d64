#include "sdk/secret_file.hpp"

#include <unistd.h>

#include <filesystem>

namespace distd {
namespace {

constexpr std::size_t max_secret = 256;

}  // namespace

// The file is made anew: one that was put there before could be read or exchanged by others.
void keep_secret(disk& storage, const std::string& folder, std::string_view name, std::string_view secret,
                 const logger& log) {
    const auto event = std::string(name) + "_secret_";
    const auto path = std::filesystem::path(folder) / (std::string(name) + ".secret");
    const auto before = storage.rights_of(path, disk::links::are_not_followed);
    if (before && (!before->is_file || before->has_other_names || before->owner != disk::owner::ours ||
                   before->others_may_read || before->others_may_write))
        log.warn(event + "replaced",
                 {{"file", path.string()}, {"reason", "others could read or exchange it"}});
    storage.remove(path);
    const auto file = storage.open(path, disk::mode::create_new);
    const auto text = std::string(secret) + "\n";
    const auto written = file ? (*file)->append(text) : result<std::size_t>(file.error());
    if (!written || *written != text.size()) log.warn(event + "not_kept", {{"folder", folder}});
}

// Judged before it is opened, as to open some devices has an effect. Root reads what services have kept.
std::optional<std::string> read_secret(disk& storage, const std::string& path) {
    const auto rights = storage.rights_of(path, disk::links::are_followed);
    if (!rights || !rights->is_file || rights->others_may_write) return std::nullopt;
    if (rights->owner == disk::owner::somebody && ::geteuid() != 0) return std::nullopt;
    const auto file = storage.open(path, disk::mode::read);
    if (!file) return std::nullopt;
    std::string text(max_secret + 1, '\0');
    const auto size = (*file)->read_at(0, text.data(), text.size());
    if (!size || *size > max_secret) return std::nullopt;
    text.resize(*size);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace distd

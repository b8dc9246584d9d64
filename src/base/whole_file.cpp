#include "base/whole_file.hpp"

namespace distd {
namespace {

result<> write_new(disk& d, const std::string& path, std::string_view text) {
    if (auto gone = d.remove(path); !gone) return gone;
    const auto file = d.open(path, disk::mode::create_new);
    if (!file) return file.error();
    while (!text.empty()) {
        const auto n = (*file)->append(text);
        if (!n) return n.error();
        if (*n == 0) return errc::storage_full;
        text.remove_prefix(*n);
    }
    return (*file)->sync();
}

}  // namespace

result<std::string> read_file(disk& d, const std::string& path, std::size_t max_bytes) {
    const auto file = d.open(path, disk::mode::read);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    if (*size > max_bytes) return errc::invalid;
    std::string text(*size, '\0');
    for (std::size_t at = 0; at < text.size();) {
        const auto n = (*file)->read_at(at, text.data() + at, text.size() - at);
        if (!n) return n.error();
        if (*n == 0) return errc::invalid;
        at += *n;
    }
    return text;
}

result<> replace_file(disk& d, const std::string& path, std::string_view text) {
    const auto half_written = path + ".new";
    auto done = write_new(d, half_written, text);
    if (done) done = d.rename(half_written, path);
    const auto folder = disk::path(path).parent_path();
    if (done) done = d.sync_directory(folder.empty() ? disk::path(".") : folder);
    return done;
}

}  // namespace distd

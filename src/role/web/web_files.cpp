#include "role/web/web_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace distd::web {
namespace {

const embedded_file* find_embedded(std::string_view path) noexcept {
    const auto files = embedded_files();
    const auto at =
        std::lower_bound(files.begin(), files.end(), path,
                         [](const embedded_file& f, std::string_view wanted) { return f.path < wanted; });
    return at != files.end() && at->path == path ? &*at : nullptr;
}

// Plain names only: nothing hidden, nothing that climbs, no byte that means something to a file system.
bool is_plain_path(std::string_view path) noexcept {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '/';
    };
    if (path.empty() || !std::all_of(path.begin(), path.end(), is_plain)) return false;
    return path.front() != '.' && path.front() != '/' && path.find("/.") == std::string_view::npos;
}

}  // namespace

web_files::web_files(std::string site, std::string root) : site_(std::move(site)), root_(std::move(root)) {
    if (root_.empty()) return;
    for (const auto* part : {"templates", "assets"}) {
        const auto folder = site_ + "/" + part;
        if (!std::filesystem::is_directory(std::filesystem::path(root_) / folder)) {
            throw std::runtime_error("--web-root=" + root_ + ": there is no folder \"" + folder +
                                     "\" in it; give a copy of the source's web folder");
        }
    }
}

std::optional<web_files::file> web_files::find(std::string_view path) const {
    if (root_.empty()) {
        const auto* found = find_embedded(site_ + "/" + std::string(path));
        if (!found) return std::nullopt;
        return file{std::string(found->bytes), std::string(found->tag)};
    }
    if (!is_plain_path(path)) return std::nullopt;
    const auto place = std::filesystem::path(root_) / site_ / path;
    std::error_code failure;
    if (!std::filesystem::is_regular_file(place, failure)) return std::nullopt;
    std::ifstream in(place, std::ios::binary);
    if (!in) return std::nullopt;
    return file{std::string(std::istreambuf_iterator<char>(in), {}), {}};
}

std::string web_files::tag_of(std::string_view path) const {
    const auto* found = root_.empty() ? find_embedded(site_ + "/" + std::string(path)) : nullptr;
    return found ? std::string(found->tag) : std::string();
}

std::string web_files::url_of(std::string_view path) const {
    const auto tag = tag_of(path);
    return "/" + std::string(path) + (tag.empty() ? "" : "?v=" + tag);
}

setting web_root_setting() {
    return {
        .name = "web-root",
        .kind = setting_kind::path,
        .fallback = "",
        .help = "Serve the pages' templates and assets from this copy of web/ instead of the built-in ones",
        .group = "Pages",
        .placeholder = "DIR"};
}

std::string_view content_type_of(std::string_view path) noexcept {
    constexpr std::pair<std::string_view, std::string_view> types[]{
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".js", "text/javascript; charset=utf-8"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
    };
    for (const auto& [ending, type] : types) {
        if (path.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

}  // namespace distd::web

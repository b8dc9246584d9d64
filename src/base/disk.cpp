#include "base/disk.hpp"

#include <cerrno>
#include <vector>

namespace distd {
namespace {

disk::path parent_of(const disk::path& p) { return p.has_parent_path() ? p.parent_path() : "."; }

// One that was found may have been made moments before its maker died: what is answered now may rest on its
// name. A parent that may not be read is none of ours, and neither is what is in it.
result<> make_name_durable(disk& on, const disk::path& found) {
    auto synced = on.sync_directory(parent_of(found));
    const bool is_lost = !synced && (synced.error().value() == EIO || synced.error().value() == ENOSPC);
    if (is_lost) return synced;
    return {};
}

}  // namespace

// Each is durable before there is anything in it. So of those that are found only the last one can be one
// whose name is not.
result<> disk::make_directories(const path& p) {
    constexpr unsigned only_ours = 0700;
    constexpr unsigned as_usual = 0777;  // less the umask
    std::vector<path> missing;           // the deepest first
    auto found = p;
    for (; !found.empty() && !exists(found); found = found.parent_path()) missing.push_back(found);
    if (!found.empty())
        if (auto durable = make_name_durable(*this, found); !durable) return durable;
    if (missing.empty()) return make_directory(p, only_ours);  // it says so when that is no folder
    for (; !missing.empty(); missing.pop_back()) {
        const auto& next = missing.back();
        if (auto made = make_directory(next, missing.size() == 1 ? only_ours : as_usual); !made) return made;
        if (auto synced = sync_directory(parent_of(next)); !synced) return synced;
    }
    return {};
}

}  // namespace distd

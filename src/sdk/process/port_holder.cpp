#include "sdk/process/port_holder.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/ip_address.hpp"

namespace distd {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

int pid_of(const std::string& name) {
    int pid = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return failure == std::errc{} && end == name.data() + name.size() ? pid : 0;
}

bool holds_one(const fs::path& process, const std::set<std::string>& inodes) {
    std::error_code ec;
    for (fs::directory_iterator fd(process / "fd", ec), end; !ec && fd != end; fd.increment(ec)) {
        std::error_code ignored;
        const auto target = fs::read_symlink(fd->path(), ignored).string();  // socket:[12345]
        if (target.starts_with("socket:[") && inodes.contains(target.substr(8, target.size() - 9)))
            return true;
    }
    return false;
}

}  // namespace

std::set<std::string> listening_inodes(std::string_view table, std::uint16_t port) {
    constexpr std::string_view listens = "0A";
    std::set<std::string> out;
    std::istringstream rows{std::string(table)};
    for (std::string row; std::getline(rows, row);) {
        std::istringstream columns(row);
        std::vector<std::string> c;
        for (std::string one; columns >> one;) c.push_back(one);
        if (c.size() < 10 || c[3] != listens) continue;
        const auto colon = c[1].rfind(':');
        unsigned at = 0;
        if (colon == std::string::npos) continue;
        std::from_chars(c[1].data() + colon + 1, c[1].data() + c[1].size(), at, 16);
        if (at == port) out.insert(c[9]);
    }
    return out;
}

std::optional<port_holder> find_port_holder(std::uint16_t port) {
    auto inodes = listening_inodes(text_of("/proc/net/tcp"), port);
    inodes.merge(listening_inodes(text_of("/proc/net/tcp6"), port));
    if (inodes.empty()) return std::nullopt;
    std::error_code ec;
    for (fs::directory_iterator entry("/proc", ec), end; !ec && entry != end; entry.increment(ec)) {
        const auto pid = pid_of(entry->path().filename().string());
        if (pid == 0 || !holds_one(entry->path(), inodes)) continue;
        auto name = text_of((entry->path() / "comm").string());
        while (name.ends_with('\n')) name.pop_back();
        return port_holder{pid, std::move(name)};
    }
    return std::nullopt;
}

std::string taken_port_words(const std::string& role, const std::string& host, std::uint16_t port) {
    const auto who = find_port_holder(port);
    const auto where = host_in_url(host);
    return (who ? "process " + std::to_string(who->pid) + " (" + who->name + ") listens there"
                : std::string("another process listens there")) +
           "; another port: --listen=" + role + "=" + where + ":" +
           std::to_string(port == 65535 ? 0 : port + 1);
}

}  // namespace distd

#include "sdk/process/token_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <distd/settings.hpp>
#include <filesystem>
#include <set>
#include <string_view>

#include "base/disk_wait.hpp"
#include "sdk/process/systemd.hpp"

namespace distd {
namespace {

constexpr std::size_t max_bytes = 64 << 10;
constexpr std::size_t max_tokens = 64;  // each request with a wrong one is compared to all

[[noreturn]] void refuse(const std::string& named, const std::string& what) {
    throw settings_error(named + ": " + what);
}

struct open_file {
    explicit open_file(const std::string& path)
        : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~open_file() {
        if (fd >= 0) ::close(fd);
    }
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;
    int fd;
};

// systemd lets the unit's user read a credential by an access list, which shows as a right of the group.
mode_t forbidden_bits(const std::string& path) {
    const auto credentials = systemd::credentials_dir();
    return !credentials.empty() && path.starts_with(credentials + "/") ? S_IWGRP | S_IRWXO
                                                                       : S_IRWXG | S_IRWXO;
}

void judge_file(const std::string& path, const std::string& named, const struct stat& about) {
    if (!S_ISREG(about.st_mode)) refuse(named, "that is not a file");
    if (about.st_uid != ::geteuid() && about.st_uid != 0)
        refuse(named, "the file belongs to another user, who could exchange the tokens");
    if ((about.st_mode & forbidden_bits(path)) != 0)
        refuse(named, "others may read or write the file, and with it do everything here; chmod 600 it");
    if (static_cast<std::size_t>(about.st_size) > max_bytes) refuse(named, "the file is larger than 64 KiB");
}

std::string read_judged(const std::string& path, const std::string& named) {
    const std::filesystem::path waited_for(path);
    const disk_wait waiting(waited_for);
    const open_file file(path);
    if (file.fd < 0) refuse(named, "the file cannot be read: " + std::string(std::strerror(errno)));
    struct stat about {};
    if (::fstat(file.fd, &about) != 0)
        refuse(named, "the file cannot be read: " + std::string(std::strerror(errno)));
    judge_file(path, named, about);
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto n = ::read(file.fd, piece.data(), piece.size());
        if (n < 0) refuse(named, "the file cannot be read: " + std::string(std::strerror(errno)));
        if (n == 0 || text.size() > max_bytes) return text;
        text.append(piece.data(), static_cast<std::size_t>(n));
    }
}

void judge_token(const std::string& named, std::string_view token, int line) {
    const auto where = "line " + std::to_string(line) + ": ";
    if (token.size() < min_token_bytes)
        refuse(named, where + "a token of " + std::to_string(token.size()) +
                          " characters can be guessed; at least " + std::to_string(min_token_bytes) +
                          " are needed, such as `openssl rand -hex 32` makes");
    const std::set<char> letters(token.begin(), token.end());
    if (letters.size() < min_token_letters)
        refuse(named, where + "a token of " + std::to_string(letters.size()) +
                          " different characters can be guessed; at least " +
                          std::to_string(min_token_letters) +
                          " are needed, such as `openssl rand -hex 32` makes");
    // It is sent as part of a header field.
    if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; }))
        refuse(named, where + "a token has visible ASCII characters only, and no spaces");
}

}  // namespace

std::vector<std::string> read_token_file(const std::string& path, const std::string& named_as) {
    const auto named = named_as.empty() ? "--access-token-file=" + path : named_as;
    const auto text = read_judged(path, named);
    std::vector<std::string> tokens;
    int number = 0;
    for (std::string_view rest = text; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        ++number;
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        judge_token(named, line, number);
        tokens.emplace_back(line);
    }
    if (tokens.empty()) refuse(named, "the file holds no token; write one on a line");
    if (tokens.size() > max_tokens) refuse(named, "the file holds more than 64 tokens");
    return tokens;
}

}  // namespace distd

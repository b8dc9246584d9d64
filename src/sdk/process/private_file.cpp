#include "sdk/process/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <distd/settings.hpp>
#include <filesystem>

#include "base/disk_wait.hpp"
#include "sdk/process/systemd.hpp"

namespace distd {
namespace {

constexpr std::size_t max_bytes = 64 << 10;
constexpr std::size_t max_public_bytes = 1 << 20;  // such as all the roots of a system

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

mode_t forbidden_bits(const std::string& path, file_secret how_secret) {
    if (how_secret == file_secret::nothing) return S_IWGRP | S_IWOTH;
    // systemd lets the unit's user read a credential by an access list, which shows as a right of the group.
    const auto credentials = systemd::credentials_dir();
    const bool is_credential = !credentials.empty() && path.starts_with(credentials + "/");
    return is_credential || how_secret == file_secret::of_group ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
}

}  // namespace

std::string read_private_file(const std::string& path, const std::string& named, file_secret how_secret,
                              const std::string& content, const std::string& harm) {
    const auto refuse = [&](const std::string& what) { throw settings_error(named + ": " + what); };
    const auto refuse_unread = [&] {
        refuse("the file cannot be read: " + std::string(std::strerror(errno)));
    };
    const std::filesystem::path waited_for(path);
    const disk_wait waiting(waited_for);
    const open_file file(path);
    struct stat about {};
    if (file.fd < 0 || ::fstat(file.fd, &about) != 0) refuse_unread();
    if (!S_ISREG(about.st_mode)) refuse("that is not a file");
    if (about.st_uid != ::geteuid() && about.st_uid != 0)
        refuse("the file belongs to another user, who could exchange " + content);
    if ((about.st_mode & forbidden_bits(path, how_secret)) != 0)
        refuse(how_secret == file_secret::nothing
                   ? "others may write the file, and with it " + harm + "; chmod go-w it"
                   : "others may read or write the file, and with it " + harm + "; chmod 600 it");
    const bool is_public = how_secret == file_secret::nothing;
    const auto max_size = is_public ? max_public_bytes : max_bytes;
    if (static_cast<std::size_t>(about.st_size) > max_size)
        refuse(is_public ? "the file is larger than 1 MiB" : "the file is larger than 64 KiB");
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto n = ::read(file.fd, piece.data(), piece.size());
        if (n < 0) refuse_unread();
        if (n == 0 || text.size() > max_size) return text;
        text.append(piece.data(), static_cast<std::size_t>(n));
    }
}

}  // namespace distd

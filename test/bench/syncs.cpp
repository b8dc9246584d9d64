// What the disk asks for a small commit: behind the end of a file that grows, and on bytes that were written
// before. The reason for src/store/commit_pad and for the room in SQLite's log.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>

#include "commands.hpp"
#include "processes.hpp"

namespace bench {
namespace {

constexpr std::size_t commit_bytes = 15'000;  // some sixty lines
constexpr int commits = 1000;

double cpu_us() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(used.ru_utime) + us(used.ru_stime);
}

void write_and_sync(int file, const std::string& bytes, std::size_t offset) {
    if (::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(bytes.size()))
        throw_errno("pwrite");
    if (::fdatasync(file) != 0) throw_errno("fdatasync");
}

struct cost {
    double wait_us;
    double cpu_us;
};
cost commit_many(int file) {
    const std::string bytes(commit_bytes, 'x');
    const auto cpu = cpu_us();
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < commits; ++i) write_and_sync(file, bytes, i * commit_bytes);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    return {took.count() / commits, (cpu_us() - cpu) / commits};
}

}  // namespace

void measure_syncs(const arguments& given) {
    if (given.size() != 1) throw usage_error("expected syncs DIRECTORY");
    std::string name = given[0] + "/syncs-XXXXXX";
    const int file = ::mkstemp(name.data());
    if (file < 0) throw_errno("mkstemp");
    ::unlink(name.c_str());
    const auto growing = commit_many(file);
    const auto written = commit_many(file);  // over what the first round left
    ::close(file);
    print("growing_us", growing.wait_us);
    print("growing_cpu_us", growing.cpu_us);
    print("written_us", written.wait_us);
    print("written_cpu_us", written.cpu_us);
}

}  // namespace bench

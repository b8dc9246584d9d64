// What the disk asks for a small commit: behind the end of a file that grows, and on bytes that were written
// before. The reason for src/store/journal/doublewrite_file and for the room in SQLite's log.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>

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

template <class Commit>
cost measure(Commit commit) {
    const auto cpu = cpu_us();
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < commits; ++i) commit(i);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    return {took.count() / commits, (cpu_us() - cpu) / commits};
}

cost commit_many(int file) {
    const std::string bytes(commit_bytes, 'x');
    return measure([&](std::size_t i) { write_and_sync(file, bytes, i * commit_bytes); });
}

// Past the page cache, in whole units.
cost commit_directly(int file) {
    constexpr std::size_t unit = 4096;
    constexpr auto size = (commit_bytes + unit - 1) / unit * unit;
    const std::unique_ptr<void, decltype(&std::free)> bytes(std::aligned_alloc(unit, size), &std::free);
    std::memset(bytes.get(), 'x', size);
    constexpr auto units = commit_bytes * commits / size;  // of what was written before
    return measure([&](std::size_t i) {
        if (::pwrite(file, bytes.get(), size, static_cast<off_t>(i % units * size)) != ssize_t{size})
            throw_errno("pwrite with O_DIRECT");
    });
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
    const int direct = ::open(("/proc/self/fd/" + std::to_string(file)).c_str(), O_RDWR | O_DIRECT | O_DSYNC);
    if (direct < 0) throw_errno("open with O_DIRECT");
    const auto past_the_cache = commit_directly(direct);
    ::close(direct);
    ::close(file);
    print("growing_us", growing.wait_us);
    print("growing_cpu_us", growing.cpu_us);
    print("written_us", written.wait_us);
    print("written_cpu_us", written.cpu_us);
    print("direct_us", past_the_cache.wait_us);
    print("direct_cpu_us", past_the_cache.cpu_us);
}

}  // namespace bench

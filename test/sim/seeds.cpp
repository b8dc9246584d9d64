#include "sim/seeds.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "sim/replay.hpp"

namespace distd::sim {
namespace {

verdict run_here(std::uint64_t seed, history_function run) {
    verdict v;
    world w(seed);
    try {
        run(w);
    } catch (const broken_promise& e) {
        v.failure = e.what();
    } catch (const std::exception& e) {
        v.failure = std::string("an exception: ") + e.what();
    }
    v.hash = w.hash();
    if (!v.failure.empty()) v.failure += "\n" + w.last_notes();
    return v;
}

void write_all(int fd, const void* bytes, std::size_t size) {
    const auto* at = static_cast<const char*>(bytes);
    while (size > 0) {
        const auto n = ::write(fd, at, size);
        if (n <= 0) ::_exit(4);
        at += n;
        size -= static_cast<std::size_t>(n);
    }
}

std::string read_all(int fd) {
    std::string all;
    std::array<char, 65536> piece{};
    for (ssize_t n = 0; (n = ::read(fd, piece.data(), piece.size())) > 0;)
        all.append(piece.data(), static_cast<std::size_t>(n));
    return all;
}

std::string number(const char* variable) {
    const auto* const text = std::getenv(variable);
    return text ? text : "";
}

}  // namespace

verdict run_seed(std::uint64_t seed, history_function run) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
    std::fflush(nullptr);
    const auto child = ::fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) {
        ::close(pipe[0]);
        const auto v = run_here(seed, run);
        write_all(pipe[1], &v.hash, sizeof v.hash);
        write_all(pipe[1], v.failure.data(), v.failure.size());
        ::_exit(0);
    }
    ::close(pipe[1]);
    const auto told = read_all(pipe[0]);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    verdict v;
    if (told.size() < sizeof v.hash) {
        v.failure = "the process died, wait status " + std::to_string(status);
        return v;
    }
    std::memcpy(&v.hash, told.data(), sizeof v.hash);
    v.failure = told.substr(sizeof v.hash);
    return v;
}

std::string run_seeds(const char* test, history_function run, int default_number) {
    const auto only = number("DISTD_SIM_SEED");
    const auto minutes = number("DISTD_SIM_MINUTES");
    const auto fresh = minutes.empty() ? 1ULL : std::random_device()();
    const auto first = only.empty() ? fresh : std::strtoull(only.c_str(), nullptr, 10);
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + std::chrono::seconds(static_cast<int>(60 * std::atof(minutes.c_str())));
    std::string failures;
    int done = 0;
    int failed = 0;
    for (auto seed = first;; ++seed) {
        const auto v = run_seed(seed, run);
        ++done;
        if (!v.failure.empty()) {
            ++failed;
            failures += print_replay_line(seed, test) + "\n" + v.failure + "\n";
        }
        if (!only.empty()) std::fprintf(stderr, "history %016llx\n", static_cast<unsigned long long>(v.hash));
        if (!only.empty() || failed == 20) break;
        if (minutes.empty() ? done >= default_number : clock::now() >= end) break;
    }
    print_count(static_cast<std::uint64_t>(done), test, first + static_cast<std::uint64_t>(done) - 1);
    return failures;
}

}  // namespace distd::sim

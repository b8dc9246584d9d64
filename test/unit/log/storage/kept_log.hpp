// A log of numbered lines on disk, and what is to be found in it.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/files.hpp"
#include "support/json_record.hpp"
#include "support/temp_dir.hpp"
#include "unit/log/storage/log_on_disk.hpp"

namespace distd::logs {

inline constexpr auto now_ns = log_on_disk::now_ns;

inline std::string record(std::uint64_t n) {
    std::string line;
    const auto text = R"({"service":"s)" + std::to_string(n % 3) + R"(","level":")" +
                      (n % 10 == 0 ? "error" : "info") + R"(","trace":")" +
                      std::string(31, static_cast<char>('a' + n % 6)) + "7" + R"(","message":"line number )" +
                      std::to_string(n) + R"( of many","n":)" + std::to_string(n) + "}";
    REQUIRE_FALSE(append_json_record(line, text, now_ns + static_cast<std::int64_t>(n) * 1000));
    return line;
}

// A log of numbered lines.
struct kept_log : log_on_disk {
    using log_on_disk::log_on_disk;

    void put(std::uint64_t count) {
        std::string lines;
        for (auto n = journal.next(); count-- > 0; ++n) lines += record(n);
        append(lines);
    }
    void put_in_batches(int batches, std::uint64_t lines) {
        while (batches-- > 0) put(lines);
    }
    // Seals seven segments, and does not yet put the parts together.
    upkeep_report seal_seven() {
        int steps = 0;
        return compactor.work(now_ns, [&] { return ++steps > 7; });
    }
};

// The lines from `first` to `last` as a search shows them.
inline std::string numbered(std::uint64_t first, std::uint64_t last) {
    std::string all;
    for (auto n = first; n <= last; ++n) append_numbered(all, n, record(n));
    return all;
}

// The same, the last first.
inline std::string backwards(const std::string& lines) {
    std::string all;
    for (auto end = lines.size(); end > 0;) {
        const auto start = end == 1 ? 0 : lines.rfind('\n', end - 2) + 1;
        all += lines.substr(start, end - start);
        end = start;
    }
    return all;
}

inline log_query query(const std::map<std::string, std::string, std::less<>>& parameters) {
    auto q = parse_query(parameters);
    REQUIRE(q.value);
    return *std::move(q.value);
}

// Leaves a log of 300 lines behind, sealed but for the last segment; its parts.
inline std::vector<std::filesystem::path> sealed_log(const test::temp_dir& dir) {
    kept_log log(dir.path());
    log.put_in_batches(30, 10);
    static_cast<void>(log.work());
    return test::files_in(dir / "parts");
}

}  // namespace distd::logs

// A log on disk without a service around it, sealed when the test says so; opened again after a restart.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "role/log/search/search.hpp"
#include "role/log/storage/compactor.hpp"
#include "role/log/storage/part_writer.hpp"
#include "support/moving_time.hpp"

namespace distd::logs {

struct log_on_disk {
    static constexpr std::int64_t now_ns = 1'800'000'000'000'000'000;

    explicit log_on_disk(const std::filesystem::path& directory, upkeep_limits limits = {{}, {}, 0},
                         std::uint64_t segment_bytes = 4000)
        : parts(directory / "parts"),
          journal(journal_setup(directory, segment_bytes, parts.last())),
          compactor(journal, parts, limits) {}

    static segment_journal::setup journal_setup(const std::filesystem::path& directory,
                                                std::uint64_t segment_bytes, std::uint64_t sealed) {
        std::filesystem::create_directories(directory / "journal");
        segment_journal::setup s;
        s.directory = directory / "journal";
        s.segment_bytes = segment_bytes;
        s.kept_elsewhere = sealed;
        return s;
    }
    // Records, each with a line end, as one batch.
    void append(const std::string& records) {
        journal.begin();
        journal.append(records, static_cast<std::uint64_t>(std::count(records.begin(), records.end(), '\n')));
        journal.commit();
    }
    upkeep_report work(std::int64_t now = now_ns) {
        return compactor.work(now, [] { return false; });
    }

    std::string find(log_query q) {
        q.limit = max_lines;
        search s(parts, journal, helper, std::move(q), search_budget(time));
        return all_of(s);
    }
    std::string all_of(search& s) {
        std::string text;
        for (;;) {
            const auto found = s.step();
            CHECK(found.failure.empty());
            for (const auto& d : found.damaged) damaged.push_back(d);
            text += found.text;
            if (found.is_end) return text;
        }
    }
    std::string find_all(bool oldest_first = true) {
        log_query q;
        q.oldest_first = oldest_first;
        return find(std::move(q));
    }

    part_set parts;
    segment_journal journal;
    compactor compactor;
    parallel_helper helper{"test-helper"};
    test::moving_time time{milliseconds(0)};  // steps have as long as they like
    std::vector<damage> damaged;
};

}  // namespace distd::logs

// What a search holds while its reader takes its time.
#include <catch2/catch.hpp>
#include <optional>

#include "support/temp_dir.hpp"
#include "unit/log/log_on_disk.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

constexpr std::uint64_t lines = 24'000;  // of 300 bytes: several pieces, in one batch

std::string large_batch() {
    std::string records;
    for (std::uint64_t i = 0; i < lines; ++i)
        records += R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":")" +
                   std::to_string(i % 7) + std::string(250, 'x') + "\"}\n";
    return records;
}

// The numbers of the lines that a search finds, which must be one after the other.
std::uint64_t count_in_pieces(log_on_disk& log, log_query q) {
    constexpr std::size_t largest_piece = (2 << 20) + 1000;
    const bool oldest_first = q.oldest_first;
    search s(log.shelf, log.journal, log.helper, std::move(q));
    std::uint64_t count = 0;
    std::optional<std::uint64_t> before;
    for (bool is_end = false; !is_end;) {
        const auto found = s.step();
        REQUIRE(found.failure.empty());
        REQUIRE(found.text.size() <= largest_piece);
        for (const auto& l : found.lines) {
            if (before) REQUIRE(l.seq == (oldest_first ? *before + 1 : *before - 1));
            before = l.seq;
        }
        if (!found.is_end && before) REQUIRE(found.last_seen == *before);
        count += found.lines.size();
        is_end = found.is_end;
    }
    return count;
}

}  // namespace

TEST_CASE("a search gives its lines in pieces of two MiB, each once, however large a batch or block is") {
    const test::temp_dir dir;
    log_on_disk log(dir.path(), {{}, {}, 0}, 1 << 20);
    log.append(large_batch());
    for (const bool is_sealed : {false, true}) {
        if (is_sealed) log.work();
        for (const bool oldest_first : {false, true}) {
            INFO(is_sealed << ' ' << oldest_first);
            log_query q;
            q.oldest_first = oldest_first;
            q.limit = most_lines;
            CHECK(count_in_pieces(log, q) == lines);
            q.limit = 10'001;
            CHECK(count_in_pieces(log, q) == 10'001);
        }
    }
}

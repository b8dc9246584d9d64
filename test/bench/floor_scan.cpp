// What looking through all messages asks for at least: unpack them, and find a text that is in none. On two
// threads, as the log service does. The bars of the log's queries are held against this.
#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "commands.hpp"
#include "log_data.hpp"
#include "peer.hpp"

namespace bench {
namespace {

constexpr int compression_level = 1;         // as the log's parts
constexpr std::uint64_t block_lines = 8192;  // and as many messages in a piece
constexpr int threads = 2;
constexpr int rounds = 9;
constexpr std::string_view absent = "zzzabsentzzz";

struct piece {
    std::string packed;
    std::size_t size = 0;
};

piece packed(const std::string& text) {
    piece p;
    p.size = text.size();
    p.packed.resize(ZSTD_compressBound(text.size()));
    const auto n =
        ZSTD_compress(p.packed.data(), p.packed.size(), text.data(), text.size(), compression_level);
    if (ZSTD_isError(n) != 0) throw std::runtime_error("zstd cannot compress");
    p.packed.resize(n);
    p.packed.shrink_to_fit();
    return p;
}

// The messages of the lines that the log is filled with.
std::vector<piece> messages_of(std::uint64_t lines) {
    constexpr std::string_view before = R"("message":")";
    log_data data(lines);
    std::vector<piece> pieces;
    std::string line;
    for (std::uint64_t made = 0; made < lines;) {
        std::string messages;
        for (const auto end = std::min(lines, made + block_lines); made < end; ++made) {
            line.clear();
            data.append_line(line);
            const auto begin = line.find(before) + before.size();
            messages += line.substr(begin, line.rfind('"') - begin) + '\n';
        }
        pieces.push_back(packed(messages));
    }
    return pieces;
}

void scan_some(const std::vector<piece>& pieces, std::atomic<std::size_t>& next, std::atomic<bool>& found) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> unpacker(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    std::string text;
    for (auto i = next++; i < pieces.size(); i = next++) {
        const auto& p = pieces[i];
        text.resize(std::max(text.size(), p.size));
        const auto n =
            ZSTD_decompressDCtx(unpacker.get(), text.data(), text.size(), p.packed.data(), p.packed.size());
        if (n != p.size || ::memmem(text.data(), n, absent.data(), absent.size()) != nullptr) found = true;
    }
}

double scan(const std::vector<piece>& pieces) {
    const auto begin = std::chrono::steady_clock::now();
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> found = false;
    {
        std::vector<std::jthread> all;
        for (int i = 0; i < threads; ++i) all.emplace_back([&] { scan_some(pieces, next, found); });
    }
    if (found) throw std::runtime_error("the scan found what is in no message");
    return elapsed(begin);
}

}  // namespace

// Prints the median time in milliseconds.
void measure_floor_of_scans(const arguments& given) {
    if (given.size() != 1) throw usage_error("expected floor-scan LINES");
    const auto pieces = messages_of(static_cast<std::uint64_t>(number(given[0], 1, 100'000'000)));
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) times.push_back(scan(pieces));
    print("scan_ms", median(times));
}

}  // namespace bench

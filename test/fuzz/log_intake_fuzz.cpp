// Any bytes to any intake API of the log: what is taken is as many whole lines as are counted, each of which
// is read back; what is made of it and what that costs stay within a multiple of it; a stream of syslog gives
// the same messages in whatever pieces it comes.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "cost.hpp"
#include "require.hpp"
#include "role/log/intake/elastic_bulk.hpp"
#include "role/log/intake/inflate.hpp"
#include "role/log/intake/loki_push.hpp"
#include "role/log/intake/otlp_logs.hpp"
#include "role/log/intake/syslog.hpp"
#include "role/log/line/stored_line.hpp"

using distd::test::require;

namespace {

void check(const distd::logs::batch& b, std::size_t sent) {
    require(b.lines.size() <= distd::logs::batch_budget(sent));
    require(!b.is_too_large || (b.lines.empty() && b.accepted == 0));
    std::uint64_t lines = 0;
    for (std::string_view rest = b.lines; !rest.empty(); ++lines) {
        const auto end = rest.find('\n');
        require(end != std::string_view::npos);
        require(
            distd::logs::read_stored_line("{\"seq\":1," + std::string(rest.substr(1, end - 1))).has_value());
        rest.remove_prefix(end + 1);
    }
    require(b.malformed.empty() ? lines == b.accepted : true);
}

// Records share what stands once in a body, and strings grow by doubling: of all that a byte of input may
// become, twice, and some for what is read on the way.
constexpr std::size_t heap_bytes_per_byte = 1024;

std::string cut(std::string_view stream, std::size_t step) {
    distd::logs::syslog_frames frames;
    std::string all;
    for (std::size_t i = 0; i < stream.size(); i += step) {
        frames.feed(stream.substr(i, step));
        while (const auto message = frames.next()) (all += '|') += *message;
    }
    (all += '/') += frames.rest();
    return all + std::to_string(frames.take_too_long());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    constexpr std::int64_t now = 1'800'000'000'000'000'000;
    const std::string from = distd::logs::origin_member("127.0.0.1", "fuzz");
    const distd::logs::arrival came(now, from);
    const auto spent = [size](auto read) {
        const distd::test::heap_use heap;
        auto b = read();
        heap.require_at_most(heap_bytes_per_byte, size);
        return b;
    };
    const auto bulk = spent([&] { return distd::logs::read_elastic_bulk(text, came); });
    check(bulk, size);
    require(distd::logs::render_bulk_answer(bulk, 1, 0).size() <= distd::logs::batch_budget(size));
    check(spent([&] { return distd::logs::read_loki_push(text, came); }), size);
    check(spent([&] { return distd::logs::read_otlp_logs(text, came); }), size);
    check(spent([&] { return distd::logs::read_json_document(text, came); }), size);
    check(spent([&] {
              distd::logs::batch syslog(size);
              if (!distd::logs::append_syslog_record(syslog.lines, text, came)) ++syslog.accepted;
              return syslog;
          }),
          size);
    require(cut(text, 1) == cut(text, std::max<std::size_t>(1, size)));
    constexpr std::size_t max = 1 << 20;
    require(distd::logs::inflate_body(text, max).text.size() <= max);
    return 0;
}

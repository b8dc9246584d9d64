// Blocks of a part: every line comes back byte for byte, whatever it holds; damaged bytes are noticed, and
// never give a wrong line.
#include <catch2/catch.hpp>
#include <random>

#include "role/log/line/tokens.hpp"
#include "role/log/storage/block_builder.hpp"
#include "role/log/storage/block_reader.hpp"
#include "role/log/storage/token_filter.hpp"
#include "support/json_record.hpp"

using namespace distd::logs;

namespace {

using lines = std::vector<std::string>;

std::string stored(const std::string& json_record, std::uint64_t seq) {
    std::string line;
    REQUIRE_FALSE(append_json_record(line, json_record, 1'800'000'000'123'456'789));
    return "{\"seq\":" + std::to_string(seq) + "," + line.substr(1, line.size() - 2);
}

rendered_block block_of(const lines& all, std::uint64_t first = 1) {
    block_builder b;
    for (std::size_t i = 0; i < all.size(); ++i) b.add(first + i, all[i]);
    return b.take();
}

lines read_back(const rendered_block& b) {
    const piece_source source = [&](const piece& p) { return b.body.substr(p.offset, p.packed); };
    const auto head = parse_block_head(render_block_head(b.head));
    block_reader reader(head, source);
    lines all(head.rows);
    for (std::size_t i = 0; i < head.rows; ++i) reader.append_line(all[i], i);
    return all;
}

// Every kind of value that a record may hold, at random.
class random_records {
public:
    std::string next(std::uint64_t seq) {
        std::string r = "{\"message\":" + text();
        if (one_in(2)) r += ",\"service\":" + text();
        if (one_in(2)) r += ",\"trace\":\"" + hex() + '"';
        if (one_in(3)) r += ",\"level\":\"" + pick({"INFO", "warn", "5", "x\\ny", ""}) + '"';
        if (one_in(2))
            r += ",\"time\":\"2026-0" + std::to_string(1 + below(9)) + "-01T00:00:00." +
                 std::to_string(below(100000)) + "Z\"";
        for (auto n = below(5); n > 0; --n)
            r += ",\"f" + std::to_string(below(one_in(20) ? 500 : 6)) + "\":" + value(2);
        return stored(r + "}", seq);
    }

private:
    std::size_t below(std::size_t n) { return random_() % n; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::string pick(std::vector<std::string> of) { return of[below(of.size())]; }
    std::string hex() {
        std::string h;
        for (int i = 0; i < 32; ++i) h += "0123456789abcdef"[below(16)];
        return one_in(9) ? h.substr(below(32)) : h;
    }
    std::string text() {
        std::string t = "\"";
        for (auto n = below(12); n > 0; --n)
            t += pick({"a", " ", "Word", "\\n", "\\\"", "\\\\", "\\u0001", "\\u00e9", "é", "7", "{", "]", ",",
                       "\\ud83d\\ude00", "\\/", "\x7f", ":"});
        return t + '"';
    }
    std::string value(std::size_t depth) {
        switch (below(depth == 0 ? 5 : 7)) {
            case 0: return text();
            case 1: return std::to_string(below(100000));
            case 2: return pick({"-1", "0", "-0", "9223372036854775807", "18446744073709551615", "1.5e300"});
            case 3: return pick({"null", "true", "false", "[]", "{}"});
            case 4: return '"' + hex() + '"';
            case 5: return "[" + value(depth - 1) + "," + value(depth - 1) + "]";
            default: return "{\"k\":" + value(depth - 1) + "}";
        }
    }

    std::mt19937 random_{20260102};
};

}  // namespace

TEST_CASE("random records come back from a block byte for byte") {
    random_records random;
    for (int round = 0; round < 20; ++round) {
        lines all;
        for (std::uint64_t i = 0; i < 500; ++i) all.push_back(random.next(1000 + i));
        CHECK(read_back(block_of(all, 1000)) == all);
    }
}

TEST_CASE("lines that no column fits come back byte for byte, too") {
    lines all{R"({"seq":1,"time":"2026-01-01T00:00:00.000000Z","level":"info","message":"m"})",
              R"({"seq":2})",
              R"({"seq":3,"time":"2026-01-01T00:00:00Z","level":"info","message":"short time"})",
              R"({"seq":4,"time":"2026-01-01T00:00:00.000000Z","level":"info","service":"","message":""})",
              R"({"seq":5,"time":"2026-01-01T00:00:00.000000Z","level":"","trace":"","message":"m"})",
              R"({"seq":6,"time":"2026-01-01T00:00:00.000000Z","level":"i","message":"m", "a" : 1})",
              R"({"seq":7,"time":"2026-01-01T00:00:00.000000Z","level":"i","message":"m","a":1,"a":2})",
              R"({"seq":8,"time":"2026-01-01T00:00:00.000000Z","level":"i","message":"m","a":{"b":[1,2})",
              R"({"seq":9,"time":"2026-01-01T00:00:00.000000Z","level":"i","message":"m"} )",
              R"({"seq":010,"time":"2026-01-01T00:00:00.000000Z","level":"i","message":"m"})",
              "",
              "\"quoted\"",
              "12",
              R"({"seq":14,"time":"2026-01-01T00:00:00.000000Z","level":"1","message":"2","a":"","b":0})",
              R"({"seq":15,"time":"2026-01-01T00:00:00.000000Z","level":"1","message":"3","b":"","a":-0})"};
    CHECK(read_back(block_of(all)) == all);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(read_back(block_of({all[i]}, i + 1)) == lines{all[i]});
    CHECK(read_back(block_of(all, 100)) == all);
}

TEST_CASE("more field names and shapes than a block supports are still stored") {
    lines all;
    for (std::uint64_t i = 0; i < 700; ++i)
        all.push_back(stored(R"({"message":"m","n)" + std::to_string(i % 400) +
                                 "\":1,\"x\":" + std::to_string(i) + ",\"y\":" + std::to_string(i * i) + "}",
                             i + 1));
    const auto b = block_of(all);
    CHECK(b.head.columns.size() == known_columns + max_field_columns);
    CHECK(read_back(b) == all);
    lines many_shapes;
    for (std::uint64_t i = 0; i < 1023; ++i) {
        std::string r = R"({"message":"m")";
        for (unsigned bit = 0; bit < 10; ++bit)
            if (((i >> bit) & 1) != 0) r += ",\"b" + std::to_string(bit) + "\":true";
        many_shapes.push_back(stored(r + "}", i + 1));
    }
    const auto shaped = block_of(many_shapes);
    CHECK(shaped.head.shapes.size() == max_shapes);
    CHECK(read_back(shaped) == many_shapes);
}

TEST_CASE("columns are small: ids, traces and times of ten thousand lines take a few bytes each") {
    lines all;
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < block_rows; ++i) {
        std::string trace = std::to_string(1'000'000'007 * (i / 6 + 1)) + std::string(32, 'a');
        all.push_back(stored(R"({"time":"2026-01-02T03:04:05.)" + std::to_string(100000 + i) +
                                 R"(Z","service":"s)" + std::to_string(i % 50) + R"(","trace":")" +
                                 trace.substr(0, 32) + R"(","message":"request took ms","ms":)" +
                                 std::to_string(i % 1000) + "}",
                             i + 1));
        bytes += all.back().size();
    }
    const auto b = block_of(all);
    CHECK(b.head.columns[known_columns].kind == column_kind::integers);
    CHECK(b.head.place(known_column::trace).kind == column_kind::hex);
    CHECK(b.body.size() * 8 < bytes);
    CHECK(read_back(b) == all);
}

TEST_CASE("a block's head has times, levels and services with their counts") {
    const auto b = block_of({stored(R"({"message":"a","level":"warn","time":"2026-01-02T00:00:00Z"})", 1),
                             stored(R"({"message":"b","service":"S","time":"2026-01-01T00:00:00Z"})", 2),
                             stored(R"({"message":"c","service":"S","time":"2026-01-03T00:00:00Z"})", 3)});
    const auto h = parse_block_head(render_block_head(b.head));
    CHECK(h.first == 1);
    CHECK(h.last() == 3);
    CHECK(h.latest_ns - h.earliest_ns == 2 * 86400 * std::int64_t{1'000'000'000});
    CHECK(h.levels == std::vector<text_count>{{"warn", 1}, {"info", 2}});
    CHECK(h.services == std::vector<text_count>{{"", 1}, {"S", 2}});
    CHECK_FALSE(h.has_verbatim);
}

TEST_CASE("every flipped byte of a block's columns is detected, or changes nothing") {
    random_records random;
    lines all;
    for (std::uint64_t i = 0; i < 40; ++i) all.push_back(random.next(i + 1));
    const auto whole = block_of(all);
    for (std::size_t i = 0; i < whole.body.size(); ++i) {
        auto b = whole;
        b.body[i] = static_cast<char>(b.body[i] ^ (1 << (i % 8)));
        lines found = all;
        try {
            found = read_back(b);
        } catch (const damaged_bytes&) {}
        REQUIRE(found == all);
    }
}

TEST_CASE("a head that is cut anywhere is refused") {
    const auto head = render_block_head(block_of({stored(R"({"message":"a","x":1})", 1)}).head);
    for (std::size_t size = 0; size < head.size(); ++size)
        CHECK_THROWS_AS(parse_block_head(head.substr(0, size)), damaged_bytes);
}

TEST_CASE("tokens are lower-case words, separated by everything else and by escapes") {
    CHECK(tokens_of("Hello wORLD_9") == tokens_of("hello, \\\"world_9\\n"));
    CHECK(tokens_of("a\\nb").size() == 2);
    CHECK(tokens_of("a\\u001fb") == tokens_of("a b"));
    CHECK(tokens_of("caf\xc3\xa9") != tokens_of("caf"));
    CHECK(tokens_of(" \\\\ ").empty());
}

TEST_CASE("of a part of a text only the tokens inside it are certain") {
    CHECK(tokens_inside("eadlock detecte").empty());
    CHECK(tokens_inside("dead lock detected") == tokens_of("lock"));
    CHECK(tokens_inside(" lock ") == tokens_of("lock"));
    CHECK(tokens_inside("\\nlock\\t") == tokens_of("lock"));
    CHECK(tokens_inside("lock").empty());
}

TEST_CASE("a token filter has no false negatives, few false positives, and detects damage") {
    std::vector<std::uint64_t> hashes;
    for (int i = 0; i < 20'000; ++i) hashes.push_back(tokens_of("token" + std::to_string(i)).front());
    const auto filter = token_filter::build({hashes.begin(), hashes.end()});
    const auto lines_of_it = filter.size() / token_filter::line_bytes;
    const auto asks = [&](const std::string& all, std::uint64_t h) {
        const auto at = token_filter::line_of(h, lines_of_it) * token_filter::line_bytes;
        return token_filter::may_have(std::string_view(all).substr(at, token_filter::line_bytes), h);
    };
    for (const auto h : hashes) REQUIRE(asks(filter, h));
    int wrong = 0;
    for (int i = 0; i < 10'000; ++i)
        if (asks(filter, tokens_of("other" + std::to_string(i)).front())) ++wrong;
    CHECK(wrong < 150);
    CHECK(filter.size() < 20'000 * 2);
    const std::string nothing(filter.size(), '\0');
    CHECK(asks(nothing, hashes.front()));
}

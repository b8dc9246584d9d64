// Lines reach the descriptor in order, and nothing that the descriptor does reaches the loop.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <vector>

#include "base/logging/log_batches.hpp"
#include "base/logging/log_sink.hpp"
#include "support/fake_time.hpp"
#include "support/record_text.hpp"

using namespace distd;

namespace {

struct closing_fd {
    explicit closing_fd(int d) : descriptor(d) {}
    closing_fd(const closing_fd&) = delete;
    closing_fd& operator=(const closing_fd&) = delete;
    ~closing_fd() { close(); }
    void close() {
        if (descriptor >= 0) ::close(descriptor);
        descriptor = -1;
    }
    int descriptor;
};

struct pipe_ends {
    explicit pipe_ends(std::array<int, 2> ends = make()) : out(ends[0]), in(ends[1]) {}
    static std::array<int, 2> make() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        return ends;
    }
    closing_fd out;
    closing_fd in;
};

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 65536> piece{};
    for (;;) {
        const auto n = ::read(descriptor, piece.data(), piece.size());
        if (n <= 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(n));
    }
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> result;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        REQUIRE(end != text.npos);
        result.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return result;
}

struct fixture {
    boost::asio::io_context loop;
    test::fake_time time{loop};
    pipe_ends pipe;
    std::optional<log_sink> sink;

    explicit fixture(log_sink::setup s = {}) {
        s.descriptor = pipe.in.descriptor;
        sink.emplace(s, time);
    }
    void diagnostic(log_level level, std::string_view event, int n = 0) {
        sink->write({time.wall(), level, "S", event, {{"n", n}}});
    }
    void request(std::string_view source, bool internal) {
        sink->access({.time = time.wall(),
                      .source = source,
                      .request_id = "id1",
                      .trace_id = "t1",
                      .span_id = "s1",
                      .parent_id = "",
                      .remote = "127.0.0.1",
                      .method = "GET",
                      .path = "/students",
                      .status = 404,
                      .sent_bytes = 10,
                      .duration_us = 412,
                      .level = log_level::warn,
                      .internal = internal});
    }
    std::vector<std::string> all_lines() {
        sink.reset();
        pipe.in.close();
        return lines_of(read_all(pipe.out.descriptor));
    }
};

// More than the queue and a pipe hold together.
constexpr int flood = 200'000;

}  // namespace

TEST_CASE("lines come out complete and in the order they were written") {
    fixture f;
    constexpr int count = 30'000;
    auto reader = std::async(std::launch::async, [&] { return read_all(f.pipe.out.descriptor); });
    for (int i = 0; i < count; ++i) {
        f.diagnostic(log_level::info, "step", i);
        if (i % 100 == 0) f.sink->drain();  // a descriptor that keeps up
    }
    CHECK(f.sink->dropped_lines() == 0);
    f.sink.reset();
    f.pipe.in.close();
    const auto lines = lines_of(reader.get());
    REQUIRE(lines.size() == count);
    for (int i = 0; i < count; ++i) {
        if (!lines[static_cast<std::size_t>(i)].ends_with("S  step n=" + std::to_string(i))) FAIL(lines[i]);
    }
}

TEST_CASE("a full queue drops and counts lines, reports it later and never blocks") {
    fixture f;
    for (int i = 0; i < flood; ++i)
        f.diagnostic(log_level::info, "a_line_with_a_rather_long_name_of_its_event", i);
    f.sink->flush();
    const auto dropped = f.sink->dropped_lines();
    CHECK(dropped > 0);
    CHECK(dropped < flood);
    auto reader = std::async(std::launch::async, [&] { return read_all(f.pipe.out.descriptor); });
    f.sink->drain();
    f.sink.reset();
    f.pipe.in.close();
    const auto lines = lines_of(reader.get());
    REQUIRE(lines.size() == flood - dropped + 1);
    CHECK(lines.back().ends_with("WARN  distd  log_lines_dropped count=" + std::to_string(dropped)));
}

TEST_CASE("many urgent lines do not displace whole batches") {
    fixture f;
    constexpr int count = 5000;  // as batches of their own they would fill the queue many times
    for (int i = 0; i < count; ++i) {
        f.diagnostic(log_level::error, "a_line_with_a_rather_long_name_of_its_event", i);
        if (i % 10 == 0) f.sink->flush();
    }
    auto reader = std::async(std::launch::async, [&] { return read_all(f.pipe.out.descriptor); });
    f.sink.reset();
    f.pipe.in.close();
    CHECK(lines_of(reader.get()).size() == count);
}

TEST_CASE("a closed reader loses lines, but does not end the process") {
    fixture f;
    f.pipe.out.close();
    for (int i = 0; i < 10; ++i) f.diagnostic(log_level::error, "lost", i);
    f.sink->drain();
    CHECK(f.sink->dropped_lines() == 10);
}

TEST_CASE("a closed descriptor loses lines, but does not end the process") {
    boost::asio::io_context loop;
    test::fake_time time{loop};
    log_sink sink({log_format::text, log_level::info, true, -1}, time);
    sink.write({time.wall(), log_level::error, "S", "lost", {}});
    sink.drain();
    CHECK(sink.dropped_lines() == 1);
}

TEST_CASE("a non-blocking descriptor gets every line") {
    fixture f;
    REQUIRE(::fcntl(f.pipe.in.descriptor, F_SETFL, O_NONBLOCK) == 0);
    constexpr int count = 3000;  // three times what the pipe holds, less than the queue
    for (int i = 0; i < count; ++i) f.diagnostic(log_level::info, "a_line_with_a_rather_long_name", i);
    auto reader = std::async(std::launch::async, [&] { return read_all(f.pipe.out.descriptor); });
    f.sink->drain();
    f.sink.reset();
    f.pipe.in.close();
    CHECK(lines_of(reader.get()).size() == count);
}

TEST_CASE("a blocked reader delays the end only briefly") {
    fixture f;
    for (int i = 0; i < flood; ++i)
        f.diagnostic(log_level::info, "a_line_with_a_rather_long_name_of_its_event", i);
    f.sink.reset();
    SUCCEED("it returned");
}

TEST_CASE("warnings and errors are written at once, other lines with the next flush") {
    fixture f;
    for (int i = 0; i < 64; ++i)
        f.diagnostic(log_level::info, "start", i);  // the first lines do not wait, either
    f.sink->drain();
    std::array<char, 65536> bytes{};
    const auto read_now = [&] {
        REQUIRE(::fcntl(f.pipe.out.descriptor, F_SETFL, O_NONBLOCK) == 0);
        const auto n = ::read(f.pipe.out.descriptor, bytes.data(), bytes.size());
        return std::string(bytes.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    };
    CHECK(lines_of(read_now()).size() == 64);

    f.diagnostic(log_level::info, "patient");
    CHECK(read_now().empty());
    f.diagnostic(log_level::warn, "urgent");
    f.sink->drain();
    CHECK(lines_of(read_now()).size() == 2);  // in order: the patient one goes first
    f.diagnostic(log_level::info, "patient");
    f.sink->flush();
    f.sink->drain();
    CHECK(lines_of(read_now()).size() == 1);
}

TEST_CASE("lines below the level and disabled access lines are not written") {
    fixture f({log_format::text, log_level::warn, true, -1});
    f.diagnostic(log_level::info, "quiet");
    f.request("S", false);
    f.diagnostic(log_level::warn, "loud");
    CHECK_FALSE(f.sink->wants(log_level::info));
    CHECK(f.all_lines().size() == 1);

    fixture g({log_format::json, log_level::debug, false, -1});
    g.request("S", false);
    g.diagnostic(log_level::debug, "detail");
    const auto lines = g.all_lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find(R"("event":"detail","n":0})") != std::string::npos);
}

TEST_CASE("a tap gets records of its source from info on, and of requests of non-internal routes") {
    fixture f({log_format::text, log_level::error, false, -1});  // whatever is written here
    std::vector<std::string> heard;
    f.sink->tap(
        "S",
        [&](log_level l, std::string_view record) {
            heard.push_back(std::string(to_string(l)) + " " + test::record_text(record));
            CHECK(record.ends_with(R"(,"instance":"http://s:1"})"));
        },
        "http://s:1");
    f.diagnostic(log_level::debug, "detail");
    f.diagnostic(log_level::info, "started", 1);
    f.diagnostic(log_level::warn, "slow", 2);
    f.request("S", false);
    f.request("S", true);
    f.request("Other", false);
    CHECK(heard == std::vector<std::string>{
                       "info started n=1", "warn slow n=2",
                       "warn request method=GET path=/students status=404 duration_us=412 id=id1"});
    f.sink->tap("S", nullptr);
    f.diagnostic(log_level::info, "unheard");
    CHECK(heard.size() == 3);
}

TEST_CASE("two sinks of one process do not mix their lines") {
    fixture a;
    fixture b;
    a.diagnostic(log_level::info, "from_a");
    b.diagnostic(log_level::info, "from_b");
    const auto of_a = a.all_lines();
    const auto of_b = b.all_lines();
    REQUIRE(of_a.size() == 1);
    REQUIRE(of_b.size() == 1);
    CHECK(of_a[0].ends_with("from_a n=0"));
    CHECK(of_b[0].ends_with("from_b n=0"));
}

TEST_CASE("a logger writes under its own name, and without a sink writes nothing") {
    boost::asio::io_context loop;
    test::fake_time time{loop};
    pipe_ends pipe;
    {
        auto sink = std::make_shared<log_sink>(
            log_sink::setup{log_format::text, log_level::debug, true, pipe.in.descriptor}, time);
        const logger log(sink, "Books");
        log.debug("a");
        log.info("b", {{"title", "Go"}, {"price", 9.5}});
        log.warn("c");
        log.error("d", {{"ok", false}});
    }
    logger(nullptr, "Nobody").error("unheard");
    pipe.in.close();
    const auto lines = lines_of(read_all(pipe.out.descriptor));
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].ends_with("DEBUG Books  a"));
    CHECK(lines[1].ends_with("INFO  Books  b title=Go price=9.5"));
    CHECK(lines[2].ends_with("WARN  Books  c"));
    CHECK(lines[3].ends_with("ERROR Books  d ok=false"));
}

TEST_CASE("a written batch buffer is reused, unless it grew") {
    log_account book;
    const auto written = [&book](std::unique_ptr<log_batch> b) {
        b->lines = 1;
        book.handed_over();
        book.settled(std::move(b), 0, 0);
    };
    auto b = book.empty_batch();
    const auto* first = b.get();
    b->text = "a line\n";
    written(std::move(b));
    auto again = book.empty_batch();
    CHECK(again.get() == first);
    CHECK(again->text.empty());
    CHECK(again->lines == 0);
    again->text.resize(4 * log_batch_bytes);
    written(std::move(again));
    CHECK(book.empty_batch()->text.capacity() <= 2 * log_batch_bytes);
    CHECK(book.under_way() == 0);
}

// Readers parked by topic: who is woken by what, and what stays behind.
#include "role/registry/watch/watch_board.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "base/task_group.hpp"
#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"

using namespace distd;
using namespace distd::registry;

namespace {

struct scene : test::loop_runner {
    test::fake_time time{loop};
    watch_board board{loop.get_executor(), time};
    std::map<std::string, int> touched, timed_out;
    task_group readers{loop.get_executor(), time};

    ~scene() {
        run([this] { return ended(); });
    }
    task<> ended() {
        readers.cancel();
        co_await readers.join_until(steady_point::max());
    }
    task<> touch_and_cancel(std::string topic) {
        board.touch(topic);
        readers.cancel();
        co_return;
    }

    void park(const std::string& topic, milliseconds span = seconds(60)) {
        readers.spawn(topic, [this, topic, deadline = time.now() + span] { return read(topic, deadline); });
        settle();
    }
    task<> read(std::string topic, steady_point deadline) {
        const bool was_touched = co_await board.wait(topic, deadline);
        ++(was_touched ? touched : timed_out)[topic];
    }
    void settle() { time.advance(milliseconds(0)); }
};

}  // namespace

TEST_CASE("a touch wakes everyone who is parked on that topic, and nobody else") {
    scene s;
    for (int i = 0; i < 1000; ++i) s.park("A");
    s.park("B");
    s.park("AB");
    s.park("");
    CHECK(s.board.parked() == 1003);
    s.board.touch("A");
    s.settle();
    CHECK(s.touched == std::map<std::string, int>{{"A", 1000}});
    CHECK(s.board.parked() == 3);
    CHECK(s.timed_out.empty());
}

TEST_CASE("a touch before a wait wakes nobody: readers look at the state first") {
    scene s;
    s.board.touch("A");
    s.park("A");
    CHECK(s.board.parked() == 1);
    CHECK(s.touched.empty());
}

TEST_CASE("two touches before a reader gets its turn wake it once") {
    scene s;
    s.park("A");
    s.board.touch("A");
    s.board.touch("A");
    s.settle();
    CHECK(s.touched["A"] == 1);
    CHECK(s.board.parked() == 0);
}

TEST_CASE("a parked reader comes back at its deadline, untouched, and leaves nothing behind") {
    scene s;
    s.park("A", seconds(5));
    s.park("A", seconds(9));
    s.time.advance(milliseconds(4999));
    CHECK(s.timed_out.empty());
    s.time.advance(milliseconds(1));
    CHECK(s.timed_out["A"] == 1);
    CHECK(s.board.parked() == 1);
    s.time.advance(seconds(4));
    CHECK(s.timed_out["A"] == 2);
    CHECK(s.board.parked() == 0);
    CHECK(s.time.waiting() == 0);
}

TEST_CASE("a deadline that has passed is no wait") {
    scene s;
    s.park("A", seconds(0));
    CHECK(s.timed_out["A"] == 1);
}

TEST_CASE("a cancelled reader leaves the board, and a touch on its way does it no harm") {
    scene s;
    s.park("A");
    s.park("A");
    s.run([&s] { return s.touch_and_cancel("A"); });
    s.settle();
    CHECK(s.board.parked() == 0);
    s.board.touch("A");
    s.settle();
    CHECK(s.board.parked() == 0);
}

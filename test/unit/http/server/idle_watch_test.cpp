#include "http/server/idle_watch.hpp"

#include <catch2/catch.hpp>

using distd::http::idle_watch;

namespace {

bool waits_for_edge_after(idle_watch& w, bool is_drained) {
    w.note_read(is_drained);
    const bool is_edge = w.begin_wait();
    w.end_wait();
    return is_edge;
}

}  // namespace

TEST_CASE("an edge-triggered wait begins behind the second request that left nothing unread") {
    idle_watch w;
    CHECK_FALSE(w.begin_wait());  // nothing was read yet
    w.end_wait();
    CHECK_FALSE(waits_for_edge_after(w, true));
    CHECK(waits_for_edge_after(w, true));
    CHECK(waits_for_edge_after(w, true));
    CHECK_FALSE(waits_for_edge_after(w, false));
    CHECK_FALSE(waits_for_edge_after(w, true));
    CHECK(waits_for_edge_after(w, true));
}

TEST_CASE("the sweep looks for a missed end once, and only while an edge-triggered wait is under way") {
    idle_watch w;
    w.note_read(true);
    CHECK_FALSE(w.begin_wait());
    CHECK_FALSE(w.take_look());
    w.end_wait();
    CHECK(w.begin_wait());
    CHECK(w.take_look());
    CHECK_FALSE(w.take_look());
    w.end_wait();
    CHECK(w.begin_wait());
    w.end_wait();
    CHECK_FALSE(w.take_look());
}

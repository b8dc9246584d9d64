// What is sent of one alert, in which order, and after which pauses.
#include "role/registry/alerts/alert_outbox.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;
using end = alert_outbox::end;

namespace {

alert_message message(const std::string& service, alert_kind what = alert_kind::lost) {
    alert_message m;
    m.what = what;
    m.service = service;
    return m;
}

const steady_point start(1000h);

}  // namespace

TEST_CASE("messages of an alert are sent in their order, two at a time") {
    alert_outbox box;
    for (const auto* s : {"c", "a", "b"}) box.put(s, message(s), start);
    const auto first = box.take(start);
    const auto second = box.take(start);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->subject == "c");
    CHECK(second->subject == "a");
    CHECK_FALSE(box.take(start));
    CHECK(box.next_due() == steady_point::max());
    CHECK(box.finish(*first, true, start, 0) == end::delivered);
    CHECK(box.take(start)->subject == "b");
    CHECK(box.size() == 2);
}

TEST_CASE("after a failure one message at a time is tried, with growing pauses up to five minutes") {
    alert_outbox box;
    auto now = start;
    box.put("a", message("a"), now);
    box.put("b", message("b"), now);
    milliseconds last{0};
    for (int i = 0; i < 12; ++i) {
        const auto d = box.take(now);
        REQUIRE(d);
        CHECK(d->subject == "a");
        CHECK(box.finish(*d, false, now, 0) == end::fails_on);
        const auto pause = std::chrono::duration_cast<milliseconds>(box.next_due() - now);
        CHECK(pause >= last);
        CHECK_FALSE(box.take(box.next_due() - 1ms));
        last = pause;
        now = box.next_due();
    }
    CHECK(last == 150s);  // half of it at least
    const auto d = box.take(now);
    CHECK_FALSE(box.take(now));  // one
    CHECK(box.finish(*d, true, now, 0) == end::delivered);
    CHECK(box.take(now)->subject == "b");  // at once
}

TEST_CASE("a message that is refused for an hour is given up, and a new address is tried at once") {
    alert_outbox box;
    box.put("a", message("a"), start);
    auto d = box.take(start);
    CHECK(box.finish(*d, false, start, 0) == end::fails_on);
    CHECK_FALSE(box.take(start));
    box.hurry();
    d = box.take(start);
    REQUIRE(d);
    CHECK(box.finish(*d, false, start + 1h, 7) == end::given_up);
    CHECK(box.size() == 0);
}

TEST_CASE("a later message of a service takes the place of the one that waits, and follows one under way") {
    alert_outbox box;
    box.put("a", message("a"), start);
    box.put("a", message("a", alert_kind::back), start);
    const auto back = box.take(start);
    CHECK(back->message.what == alert_kind::back);
    box.put("a", message("a"), start);
    CHECK_FALSE(box.take(start));  // not beside the one before
    CHECK(box.finish(*back, true, start, 0) == end::overtaken);
    CHECK(box.take(start)->message.what == alert_kind::lost);
}

TEST_CASE("what is dropped is not sent, nor tried again") {
    alert_outbox box;
    box.put("a", message("a"), start);
    box.put("b", message("b"), start);
    box.drop("b");
    const auto d = box.take(start);
    CHECK_FALSE(box.take(start));
    box.drop("a");
    CHECK(box.finish(*d, false, start, 0) == end::overtaken);
    CHECK(box.size() == 0);
    CHECK(box.next_due() == steady_point::max());
}

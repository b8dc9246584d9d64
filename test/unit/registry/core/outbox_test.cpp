#include "role/registry/core/outbox.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using registry::entry_ptr;
using registry::outbox;
using how = outbox::outcome;

namespace {

entry_ptr entry(const std::string& url) { return std::make_shared<const patch_entry>(patch_entry{"A", url}); }

// "+a -b" for a patch, "none" when there is none to send.
std::string next(outbox& box) {
    if (!box.has_patch()) return "none";
    const auto d = box.take();
    std::string text;
    for (const auto& e : d.added) text += "+" + e->url + " ";
    for (const auto& e : d.removed) text += "-" + e->url + " ";
    return text.empty() ? "empty" : text.substr(0, text.size() - 1);
}

const entry_ptr a = entry("a");
const entry_ptr b = entry("b");

}  // namespace

TEST_CASE("a newcomer is greeted with all it requires, or with an empty patch") {
    outbox box;
    box.owe_greeting();
    CHECK(next(box) == "empty");
    box.finish(how::arrived);
    CHECK(box.is_settled());

    outbox other;
    other.owe_greeting();
    other.want(a, true);
    other.want(b, true);
    CHECK(next(other) == "+a +b");
    other.finish(how::arrived);
    CHECK(other.is_settled());
}

TEST_CASE("a greeting that did not arrive is sent again") {
    outbox box;
    box.owe_greeting();
    CHECK(next(box) == "empty");
    box.finish(how::refused);
    CHECK(next(box) == "empty");
    box.finish(how::in_doubt);
    CHECK(next(box) == "empty");
    box.finish(how::arrived);
    CHECK(next(box) == "none");
}

TEST_CASE("what is held already is not added, and what is not held is not removed") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.finish(how::arrived);
    box.want(a, true);
    box.want(b, false);
    CHECK(next(box) == "none");
}

TEST_CASE("an add and a remove of the same URL cancel while they wait") {
    outbox box;
    box.want(a, true);
    box.want(a, false);
    CHECK(next(box) == "none");
    CHECK(box.size() == 0);

    box.want(b, true);
    CHECK(next(box) == "+b");
    box.finish(how::arrived);
    box.want(b, false);
    box.want(b, true);
    CHECK(next(box) == "none");
}

TEST_CASE("one patch is under way at a time, and what happens meanwhile goes into one next patch") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.want(a, false);
    box.want(b, true);
    CHECK_FALSE(box.has_patch());
    CHECK_FALSE(box.is_settled());
    box.finish(how::arrived);
    CHECK(next(box) == "+b -a");
    box.finish(how::arrived);
    CHECK(box.is_settled());
}

TEST_CASE("an instance that goes and comes back while its Added is under way is not added again") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.want(a, false);
    box.want(a, true);
    box.finish(how::arrived);
    CHECK(next(box) == "none");
}

TEST_CASE("a patch that was certainly not applied is sent again as it would be now") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.want(b, true);
    box.finish(how::refused);
    CHECK(next(box) == "+a +b");
}

TEST_CASE(
    "after an exchange of unknown outcome entries are removed first, and added by the patch after that") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.finish(how::in_doubt);
    box.want(b, true);
    CHECK(next(box) == "+b -a");
    box.finish(how::arrived);
    CHECK(next(box) == "+a");
    box.finish(how::arrived);
    CHECK(box.is_settled());
}

TEST_CASE("a removal of unknown outcome is repeated, and nothing is added for it") {
    outbox box;
    box.assume(a, outbox::belief::held, false);
    CHECK(next(box) == "-a");
    box.finish(how::in_doubt);
    CHECK(next(box) == "-a");
    box.finish(how::arrived);
    CHECK(next(box) == "none");
    CHECK(box.size() == 0);
}

TEST_CASE("a subscriber that registers again may hold all or nothing: it is cleared, then sent all") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.finish(how::arrived);
    box.start_over();
    box.want(a, true);
    box.want(b, true);
    CHECK(next(box) == "+b -a");
    box.finish(how::arrived);
    CHECK(next(box) == "+a");
    box.finish(how::arrived);
    CHECK(box.is_settled());
}

TEST_CASE("an answer to a patch from before a second registration proves nothing") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.start_over();
    box.want(a, true);
    CHECK_FALSE(box.has_patch());
    box.finish(how::arrived);
    CHECK(next(box) == "-a");
    box.finish(how::arrived);
    CHECK(next(box) == "+a");
}

TEST_CASE("what a second registration does not require any more is removed") {
    outbox box;
    box.want(a, true);
    CHECK(next(box) == "+a");
    box.finish(how::arrived);
    box.start_over();
    CHECK(next(box) == "-a");
    box.finish(how::arrived);
    CHECK(box.is_settled());
    CHECK(box.size() == 0);
}

TEST_CASE("a patch is bounded, and the next one carries the rest") {
    outbox box;
    for (std::size_t i = 0; i < outbox::max_entries_in_patch + 5; ++i)
        box.want(entry(std::to_string(i)), true);
    CHECK(box.take().added.size() == outbox::max_entries_in_patch);
    box.finish(how::arrived);
    CHECK(box.take().added.size() == 5);
    box.finish(how::arrived);
    CHECK(box.is_settled());
}

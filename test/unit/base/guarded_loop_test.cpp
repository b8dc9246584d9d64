#include "base/guarded_loop.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <new>
#include <stdexcept>
#include <vector>

#include "base/handler_scope.hpp"

namespace {

using namespace distd;

struct fixture {
    void post(std::function<void()> handler) { boost::asio::post(loop, std::move(handler)); }
    std::vector<std::string> run() {
        run_guarded(loop, [this](const std::string& handler, const std::string& what) {
            heard.push_back(handler + ": " + what);
        });
        return std::move(heard);
    }

    boost::asio::io_context loop{1};
    std::vector<std::string> heard;
};

}  // namespace

TEST_CASE_METHOD(fixture, "an exception that leaves a handler is reported, and the loop goes on behind it") {
    int later = 0;
    post([] { throw std::runtime_error("broken"); });
    post([&] { ++later; });
    post([] { throw std::bad_alloc(); });
    post([&] { ++later; });
    CHECK(run() == std::vector<std::string>{"unknown: broken", "unknown: std::bad_alloc"});
    CHECK(later == 2);
}

TEST_CASE_METHOD(fixture, "what the loop was doing is named, the innermost of it") {
    post([] {
        const handler_scope outer("outer");
        const handler_scope inner("inner");
        throw std::runtime_error("broken");
    });
    post([] { throw 7; });
    CHECK(run() == std::vector<std::string>{"inner: broken", "unknown: an exception of an unknown kind"});
}

TEST_CASE_METHOD(fixture, "an exception that was caught names no handler of another one") {
    post([] {
        const handler_scope handler("a handler");
        try {
            const handler_scope part("a part of it");
            throw std::runtime_error("expected");
        } catch (const std::exception&) {}
    });
    post([] { throw std::runtime_error("broken"); });
    CHECK(run() == std::vector<std::string>{"unknown: broken"});
}

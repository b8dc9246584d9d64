#include "base/guarded_loop.hpp"

#include <exception>

#include "base/handler_scope.hpp"

namespace distd {
namespace {

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception of an unknown kind";
    }
}

// Empty when the loop ran dry.
std::exception_ptr run_until_failure(boost::asio::io_context& loop) {
    static_cast<void>(handler_scope::take_failed());  // of an exception that somebody caught
    try {
        loop.run();
        return nullptr;
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace

void run_guarded(boost::asio::io_context& loop, const handler_failure& failed) {
    while (const auto failure = run_until_failure(loop)) {
        const auto* handler = handler_scope::take_failed();
        failed(handler ? handler : "unknown", text_of(failure));
    }
}

}  // namespace distd

// The coroutine type of the SDK, and the completion tokens for Asio operations.
// One event loop on one thread runs all coroutines of a process and is an implicit strand: between two
// `co_await`s nothing else runs, and state needs no lock.
#pragma once

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#error "g++ 12 and older miscompile coroutines (bodies skipped, double frees): use clang 19 or g++ 13"
#endif

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace distd {

// A concrete executor, not `any_io_executor`: type erasure costs 15 % of a small request.
using executor = boost::asio::io_context::executor_type;

// A coroutine that is awaited by exactly one parent. Parameters are taken by value.
template <class T = void>
using task = boost::asio::awaitable<T, executor>;

// `co_await op(use_task)`: throws boost::system::system_error on failure.
inline constexpr boost::asio::use_awaitable_t<executor> use_task{};

// `auto [ec, n] = co_await op(as_result)`: errors are values. Once the coroutine is cancelled, every further
// `co_await` throws operation_aborted all the same: a cancelled coroutine can only unwind.
inline constexpr auto as_result = boost::asio::as_tuple(use_task);

}  // namespace distd

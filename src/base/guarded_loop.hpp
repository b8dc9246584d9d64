// Runs a loop whose handlers may have bugs: an exception that leaves one does not leave the loop, where it
// would unwind past everything that still runs, but is reported, and the loop goes on.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

namespace distd {

// `handler`: what the loop was doing, as far as that is known. The report is made between two handlers, and
// may throw: that ends the run.
using handler_failure = std::function<void(const std::string& handler, const std::string& what)>;

// Until the loop has nothing left to do.
void run_guarded(boost::asio::io_context& loop, const handler_failure& failed);

}  // namespace distd

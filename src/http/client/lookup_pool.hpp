// Looks host names up on threads of its own, few and bounded (lookup_schedule says who is next). One
// look-up of a name at a time, whoever asks. A look-up that runs cannot be interrupted, and nobody waits for
// it: at the end its thread is left to itself, with nothing of ours but what it shares.
#pragma once

#include <distd/task.hpp>
#include <memory>

#include "http/client/lookup_schedule.hpp"
#include "http/client/resolver.hpp"

namespace distd::http {

// Called on any of the threads; may take as long as it likes.
using blocking_lookup = std::function<resolver::found(const std::string& host)>;

// The system's own: hosts file, DNS, and what else it is configured to ask.
[[nodiscard]] resolver::found ask_system(const std::string& host);

class lookup_pool {
public:
    explicit lookup_pool(executor, blocking_lookup = ask_system, lookup_schedule::limits = {});
    ~lookup_pool();  // as `close`
    lookup_pool(const lookup_pool&) = delete;
    lookup_pool& operator=(const lookup_pool&) = delete;

    // For any number of resolvers, which it may outlive or not. Used on the loop.
    [[nodiscard]] resolver::lookup lookup();

    // From here on nobody is told anything, and the loop is not kept running. Returns at once.
    void close() noexcept;

private:
    struct shared;
    std::shared_ptr<shared> shared_;
};

}  // namespace distd::http

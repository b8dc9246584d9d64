#include "store/worker_thread.hpp"

#include <pthread.h>

#include "base/signals_blocked.hpp"

namespace distd {

std::thread start_worker(const std::string& name, std::function<void()> body) {
    const signals_blocked quiet;
    std::thread t(std::move(body));
    constexpr std::size_t max_name = 15;
    pthread_setname_np(t.native_handle(), name.substr(0, max_name).c_str());
    return t;
}

}  // namespace distd

// Sockets whose bytes arrive at once and in order. Over TCP's loopback a byte that was sent is there a little
// later, when the kernel's other half has had its turn, and no two runs are alike. In the simulator every TCP
// socket of this process is one of the local kind behind the same calls: addresses and ports are kept in a
// table, whatever was sent is there when the call returns, and a history depends on its seed alone.
//
// Works by the linker (--wrap, see test/CMakeLists.txt), so that the product's code and Asio's stay as they
// are. One thread.
#pragma once

namespace distd::sim::local_sockets {

// Whose sockets the ones are that are opened from now on. Accepted ones are their listener's.
class owner {
public:
    explicit owner(int who) noexcept;
    ~owner();
    owner(const owner&) = delete;
    owner& operator=(const owner&) = delete;

private:
    int before_;
};

// As the kernel does when a process dies: its connections end for their peers, its ports are free. Whatever
// is still tried on its behalf fails.
void sever(int who);

// No descriptor that was opened by way of this is open any more.
[[nodiscard]] bool all_closed();

}  // namespace distd::sim::local_sockets

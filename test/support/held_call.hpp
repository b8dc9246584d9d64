// A thread whose calls about files the system holds, as where a device is gone: neither done nor failed,
// until the end of this, when they fail. By a filter of seccomp that hands them to us, who give no answer.
// What is called should have been called before: sanitizers look at a type that they meet for the first time
// by calls that would be held, too.
#pragma once

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace distd::test {

class held_call {
public:
    explicit held_call(std::function<void()> call)
        : thread_([this, call = std::move(call)] {
              calls_ = hold_calls();
              calls_.notify_one();
              call();
          }) {
        calls_.wait(not_yet);
    }
    // The rest of what it calls fails, too.
    ~held_call() {
        while (wait_for(calls_) == POLLIN) refuse_one();
        thread_.join();
        if (calls_ >= 0) ::close(calls_);
    }
    held_call(const held_call&) = delete;
    held_call& operator=(const held_call&) = delete;

    // Not where the system has no such filters, or lets nobody make one.
    [[nodiscard]] bool is_possible() const { return calls_ >= 0; }
    // False: it ended without a call.
    [[nodiscard]] bool wait_until_held() const { return wait_for(calls_) == POLLIN; }

private:
    static std::vector<unsigned> calls_about_files() {
        return {
#ifdef SYS_open  // not where the system is young
            SYS_open,      SYS_stat,     SYS_lstat,      SYS_rename,    SYS_unlink,  SYS_rmdir,
            SYS_link,      SYS_mkdir,
#endif
            SYS_openat,    SYS_statx,    SYS_newfstatat, SYS_fstat,     SYS_write,   SYS_pwrite64,
            SYS_pread64,   SYS_close,    SYS_fsync,      SYS_fdatasync, SYS_statfs,  SYS_ftruncate,
            SYS_fallocate, SYS_renameat, SYS_unlinkat,   SYS_linkat,    SYS_mkdirat, SYS_getdents64,
        };
    }
    // From now on, on this thread; the descriptor on which they are reported, or -1.
    static int hold_calls() {
        std::vector<sock_filter> steps{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
        for (const auto number : calls_about_files()) {
            steps.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
            steps.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
        }
        steps.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        const sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
        return static_cast<int>(
            ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
    }
    static int wait_for(int listener) {
        pollfd place{listener, POLLIN, 0};
        while (listener >= 0 && ::poll(&place, 1, -1) < 0 && errno == EINTR) {}
        return place.revents;
    }
    void refuse_one() const {
        seccomp_notif call{};
        if (::ioctl(calls_, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) return;
        seccomp_notif_resp answer{};
        answer.id = call.id;
        answer.error = -EIO;
        ::ioctl(calls_, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }

    static constexpr int not_yet = -2;
    std::atomic<int> calls_ = not_yet;  // where they are reported; -1: nowhere
    std::thread thread_;
};

}  // namespace distd::test

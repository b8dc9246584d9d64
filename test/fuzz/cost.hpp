// What a parser spent on an input, counted and not timed: the bytes that it asked the heap for. One that
// copies what it has for each piece of its input asks for more than a multiple of its size.
#pragma once

#include <cstddef>
#include <cstdlib>

#include <sanitizer/allocator_interface.h>

namespace distd::test {

class heap_use {
public:
    heap_use() {
        static const int installed = __sanitizer_install_malloc_and_free_hooks(&count, &ignore);
        if (installed == 0) std::abort();
        bytes() = 0;
    }
    // More than so many for each byte of an input, and some for any.
    void require_at_most(std::size_t per_byte, std::size_t input) const {
        constexpr std::size_t for_any = 256 << 10;
        if (bytes() > for_any + per_byte * input) std::abort();
    }

private:
    static std::size_t& bytes() {
        static std::size_t all = 0;
        return all;
    }
    static void count(const volatile void*, std::size_t size) { bytes() += size; }
    static void ignore(const volatile void*) {}
};

}  // namespace distd::test

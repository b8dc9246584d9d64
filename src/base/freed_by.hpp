// The deleter of what a C library gives away: std::unique_ptr<X509, freed_by<X509_free>>.
#pragma once

namespace distd {

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* p) const noexcept {
        Free(p);
    }
};

}  // namespace distd

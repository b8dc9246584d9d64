#include "support/gzip.hpp"

#include <zlib.h>

#include <stdexcept>

namespace distd::test {

std::string gzip(const std::string& text) {
    constexpr int gzip_format = 16 + MAX_WBITS;
    z_stream s{};
    if (::deflateInit2(&s, 6, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib cannot begin");
    std::string out(::deflateBound(&s, text.size()), '\0');
    s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    s.avail_in = static_cast<uInt>(text.size());
    s.next_out = reinterpret_cast<Bytef*>(out.data());
    s.avail_out = static_cast<uInt>(out.size());
    const bool done = ::deflate(&s, Z_FINISH) == Z_STREAM_END;
    out.resize(out.size() - s.avail_out);
    ::deflateEnd(&s);
    if (!done) throw std::runtime_error("zlib cannot end");
    return out;
}

}  // namespace distd::test

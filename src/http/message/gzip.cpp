#include "http/message/gzip.hpp"

#include <zlib.h>

#include "base/assert.hpp"

namespace distd::http {

std::string gzip(std::string_view text) {
    z_stream stream{};
    constexpr int gzip_format = 15 + 16;
    DISTD_ASSERT(deflateInit2(&stream, 5, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    DISTD_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

shared_text gzipped_texts::of(const shared_text& text) {
    for (auto& one : kept_) {
        if (one.of.expired()) one.gzipped.reset();
        if (one.gzipped && one.of.lock() == text) return one.gzipped;
    }
    auto& one = kept_[next_++ % kept_.size()];
    one = {text, std::make_shared<const std::string>(gzip(*text))};
    return one.gzipped;
}

}  // namespace distd::http

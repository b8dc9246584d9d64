#include "role/log/intake/inflate.hpp"

#include <zlib.h>
#include <algorithm>

namespace distd::logs {
namespace {

constexpr int either_format = 32 + MAX_WBITS;
constexpr std::size_t min_room = 64 << 10;

class inflater {
public:
    inflater() { ready_ = ::inflateInit2(&stream_, either_format) == Z_OK; }
    ~inflater() {
        if (ready_) ::inflateEnd(&stream_);
    }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    inflated read(std::string_view body, std::size_t max) {
        inflated out;
        if (!ready_) return failed("there is no memory for it");
        // zlib's interface takes a non-const pointer, and does not write there.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
        stream_.avail_in = static_cast<uInt>(body.size());
        for (std::size_t size = 0;;) {
            if (out.text.size() == size) {
                if (size > max) return too_large();
                out.text.resize(std::min(max + 1, std::max(min_room, size * 2)));
            }
            stream_.next_out = reinterpret_cast<Bytef*>(out.text.data() + size);
            stream_.avail_out = static_cast<uInt>(out.text.size() - size);
            const int code = ::inflate(&stream_, Z_NO_FLUSH);
            size = out.text.size() - stream_.avail_out;
            if (code == Z_STREAM_END && stream_.avail_in == 0) {
                out.text.resize(size);
                return size > max ? too_large() : std::move(out);
            }
            if (code == Z_STREAM_END && ::inflateReset(&stream_) == Z_OK) continue;
            if (code == Z_OK && (stream_.avail_in > 0 || stream_.avail_out == 0)) continue;
            return failed(code == Z_OK || code == Z_BUF_ERROR ? "it ends too early"
                          : stream_.msg != nullptr            ? stream_.msg
                                                              : "it is neither gzip nor zlib");
        }
    }

private:
    static inflated failed(std::string reason) { return {{}, std::move(reason), false}; }
    static inflated too_large() { return {{}, {}, true}; }

    z_stream stream_{};
    bool ready_ = false;
};

}  // namespace

inflated inflate_body(std::string_view body, std::size_t max) { return inflater().read(body, max); }

}  // namespace distd::logs

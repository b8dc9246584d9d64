// The way of a request's bytes up to its route: reader, hygiene, router, conditions. The first byte says
// where the bytes are cut; the verdict must not depend on it.
#include <cstdint>
#include <string>
#include <string_view>

#include "http/server/exchange.hpp"
#include "http/server/response_writer.hpp"
#include "http/server/router.hpp"
#include "require.hpp"

using distd::test::require;

namespace {

using namespace distd::http;

router& routes() {
    static router table = [] {
        router r;
        for (const char* pattern : {"/", "/services", "/b/{id}", "/b/new", "/b/{id}/c", "/f/{path...}"}) {
            r.add({verb::get, pattern, [](request) { return response(200); }});
        }
        return r;
    }();
    return table;
}

struct verdict {
    head_reader::state state;
    int status;
    std::size_t size;
    bool operator==(const verdict&) const = default;
};

verdict read_in_pieces(std::string_view bytes, std::size_t piece, request_head& head) {
    head_reader reader;
    for (std::size_t have = std::min(piece, bytes.size());; have = std::min(have + piece, bytes.size())) {
        const auto state = reader.read(bytes.substr(0, have), head);
        if (state != head_reader::state::incomplete || have == bytes.size())
            return {state, reader.why().status, reader.size()};
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t piece = 1 + data[0];
    // A copy of its own, so that a read past its end is seen.
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    static exchange x;
    static exchange cut;
    const auto whole = read_in_pieces(bytes, bytes.size(), x.head);
    require(read_in_pieces(bytes, piece, cut.head) == whole);
    if (whole.state == head_reader::state::refused) require(whole.status >= 400 && whole.status < 600);
    if (whole.state != head_reader::state::complete) return 0;
    require(whole.size <= bytes.size());
    require(!(x.head.chunked && x.head.content_length));
    require(x.head.target == "*" || x.head.target.front() == '/');
    for (const auto& [name, value] : x.head.fields) {
        require(value.empty() ||
                (value.data() >= bytes.data() && value.data() + value.size() <= bytes.data() + bytes.size()));
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    }
    const auto match = routes().find(x.head.method, x.head.path, x.params);
    x.matched = match.found;
    x.identify();
    if (match.found)
        for (const auto& name : match.found->param_names) static_cast<void>(request(x).param(name));
    static_cast<void>(request(x).query("a"));
    std::string out;
    auto answer = response::text(200, "x").etag("v");
    gzipped_texts texts;
    static_cast<void>(write_head(out, answer, x, x.head.keep_alive, "now", texts));
    require(out.substr(out.size() - 4) == "\r\n\r\n");
    return 0;
}

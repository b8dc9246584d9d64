// A CA's answers: what is believed obeys the bounds, and whatever fails is a sentence of one line, of a size
// that a log, a page and a file can bear.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "acme/acme_answers.hpp"
#include "require.hpp"

using distd::test::require;

namespace {

constexpr std::size_t max_sentence = 6000;
const std::string host = "ca.example";

void judge(std::string_view sentence) {
    require(sentence.size() <= max_sentence);
    require(std::ranges::none_of(sentence,
                                 [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
}

template <class T>
std::optional<T> read(std::string_view text) {
    distd::json_error error;
    auto answer = distd::from_json<T>(text, error);
    if (!answer) {
        require(!error.text.empty());
        return std::nullopt;
    }
    const auto flaw = flaw_of(*answer);
    judge(flaw);
    if (!flaw.empty()) return std::nullopt;
    return answer;
}

void read_order(std::string_view text) {
    const auto o = read<distd::acme::order_answer>(text);
    if (!o) return;
    require(std::ranges::all_of(o->authorizations, distd::acme::is_place));
    require(o->status != "ready" || distd::acme::is_place(o->finalize));
    require(o->status != "valid" || distd::acme::is_place(o->certificate));
    judge(failure_of_order(*o).sentence);
}

void read_authorization(std::string_view text) {
    const auto a = read<distd::acme::authorization_answer>(text);
    if (!a) return;
    if (const auto* c = a->find("http-01")) {
        require(!c->token.empty() && c->token.find_first_of("/.%?#\r\n <>\"") == c->token.npos);
        require(distd::acme::is_place(c->url));
    }
    judge(failure_of_authorization(*a).sentence);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace distd;
    if (size < 2) return 0;
    http::reply r;
    r.status = 400 + data[0];
    r.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
    r.headers.add("Retry-After", r.body.substr(0, 40));
    const auto f = acme::failure_of(r, host);
    require(!f.sentence.empty());
    judge(f.sentence);
    const auto wait = acme::retry_after_of(r, wall_point(seconds(1'800'000'000)));
    require(!wait || *wait >= seconds(0));
    if (const auto d = read<acme::directory_answer>(r.body)) require(acme::is_place(d->new_order));
    read_order(r.body);
    read_authorization(r.body);
    if (acme::is_chain(r.body)) require(r.body.find("-----BEGIN PRIVATE KEY") == r.body.npos);
    return 0;
}

#include "http/message/base64.hpp"

#include <boost/beast/core/detail/base64.hpp>

namespace distd::http {

std::string base64_encode(std::string_view bytes) {
    namespace base64 = boost::beast::detail::base64;
    std::string out(base64::encoded_size(bytes.size()), '\0');
    out.resize(base64::encode(out.data(), bytes.data(), bytes.size()));
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    namespace base64 = boost::beast::detail::base64;
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    std::string out(base64::decoded_size(text.size() + 3), '\0');
    const auto [written, read] = base64::decode(out.data(), text.data(), text.size());
    if (read != text.size()) return std::nullopt;
    out.resize(written);
    return out;
}

}  // namespace distd::http

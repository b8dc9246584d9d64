// The splitter of forms with a file, on anything: what it takes apart is put together again and gives the
// same parts. The input's first line is the Content-Type.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "role/portal/grade_book/multipart.hpp"

using distd::test::require;

using distd::portal::form_parts;
using distd::portal::split_multipart;

namespace {

// A border that is in none of the values.
std::string border_for(const form_parts& parts) {
    std::string border = "b";
    const auto holds_it = [&](const auto& part) { return part.second.find("--" + border) != border.npos; };
    while (std::any_of(parts.begin(), parts.end(), holds_it)) border += 'b';
    return border;
}

std::string together(const form_parts& parts, const std::string& border) {
    std::string body;
    for (const auto& [name, value] : parts) {
        body += "--" + border + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n";
        body += value + "\r\n";
    }
    return body + "--" + border + "--";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view type(text.data(), end);
    const std::string body = text.substr(std::min(end + 1, text.size()));
    const auto parts = split_multipart(type, body);
    if (!parts) return 0;
    std::size_t bytes = 0;
    for (const auto& [name, value] : *parts) {
        require(body.find(value) != body.npos);
        bytes += name.size() + value.size();
        if (name.find('"') != name.npos) return 0;  // nothing that we could write; browsers send %22
    }
    require(bytes <= body.size());
    const auto border = border_for(*parts);
    if (parts->empty() || border.size() > 70) return 0;
    require(split_multipart("multipart/form-data; boundary=" + border, together(*parts, border)) == parts);
    return 0;
}

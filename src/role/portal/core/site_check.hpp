// Tells a form that was sent from one of our own pages from one that another site made a visitor's browser
// send. Pure. Forms carry no token, so that programs may post them, too: programs send none of the three
// headers.
#pragma once

#include <string_view>

namespace distd::portal {

// Values of a request's headers, "" for those it does not have. `sec_fetch_site` comes from the browser
// itself and scripts cannot forge it, so it decides alone when it is there: it also survives a proxy in front
// that rewrites Host. Browsers that are too old for it, or talk plain HTTP to another machine, still send
// `origin`.
[[nodiscard]] bool is_from_another_site(std::string_view sec_fetch_site, std::string_view origin,
                                        std::string_view host) noexcept;

}  // namespace distd::portal

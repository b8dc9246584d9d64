// Why a request was refused or failed, in words: its record says it as a code. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::ops {

// "no instance is known" of "no_instance". One that is not known is shown as it is.
[[nodiscard]] std::string reason_words(std::string_view code);

}  // namespace distd::ops

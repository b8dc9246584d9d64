// Where the tests find what they run and read.
#pragma once

#include <string>

namespace distd::test {

[[nodiscard]] std::string source_dir();      // of this clone
[[nodiscard]] std::string distd_binary();
[[nodiscard]] std::string book_service_binary();
[[nodiscard]] std::string remote_clients_library();

}  // namespace distd::test

#include "support/places.hpp"

namespace distd::test {

std::string source_dir() { return DISTD_SOURCE_DIR; }
std::string distd_binary() { return DISTD_BINARY; }
std::string book_service_binary() { return DISTD_BOOK_SERVICE; }
std::string remote_clients_library() { return DISTD_REMOTE_CLIENTS; }

}  // namespace distd::test

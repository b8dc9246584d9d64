// Whose token a line was sent with, where the log service has tokens.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "http/message/call_proof.hpp"
#include "role/log_fixture.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

constexpr auto first = "a-token-of-enough-characters";
constexpr auto second = "another-token-of-enough-characters";

std::string tokens_in(const temp_dir& dir) {
    const auto path = dir / "tokens";
    std::ofstream(path) << first << "\n" << second << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    return path;
}

std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

}  // namespace

TEST_CASE("a line says which access token it was sent with, and without tokens none, whatever is claimed") {
    temp_dir files;
    {
        log_service log({"--access-token-file=" + tokens_in(files)});
        CHECK(log.post("[A] - one", "text/plain", bearer(first)).status == 200);
        CHECK(log.post("[A] - two", "text/plain", bearer(second)).status == 200);
        const auto found = exchange(
            "GET", log.url() + "/log?" + ours, {}, "text/plain", [&] { log.w.pump(); }, bearer(first));
        CHECK_THAT(found.body, Contains(R"("_from":"127.0.0.1 text )" + http::key_id_of(first) + '"'));
        CHECK_THAT(found.body, Contains(R"("_from":"127.0.0.1 text )" + http::key_id_of(second) + '"'));
        CHECK_THAT(found.body, !Contains("a-token"));
    }
    log_service open;
    CHECK(open.post("[A] - three", "text/plain", bearer(first)).status == 200);
    CHECK_THAT(open.get("?" + ours).body, Contains(R"("_from":"127.0.0.1 text")"));
}

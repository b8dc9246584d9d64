// distd ca local: what lies in its folder afterwards, as OpenSSL reads it.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "client/client_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("an authority of one's own is made once, vouches for this machine, and nobody else reads its key") {
    shell sh;
    const auto folder = sh.home("ca");
    const auto made = sh.distd({"ca", "local", "--folder=" + folder});
    REQUIRE(made.code == 0);
    CHECK_THAT(made.out, Contains("root.pem") && Contains("update-ca-certificates") && Contains("curl"));
    const auto root = text_of_file(folder + "/root.pem");
    CHECK_THAT(sh.bash("openssl verify -CAfile " + folder + "/root.pem -verify_hostname localhost " + folder +
                       "/localhost.pem")
                   .out,
               Contains("OK"));
    CHECK_THAT(
        sh.bash("openssl verify -CAfile " + folder + "/root.pem -verify_ip ::1 " + folder + "/localhost.pem")
            .out,
        Contains("OK"));
    for (const auto* file : {"/root.key", "/localhost.pem"}) {
        struct stat about {};
        REQUIRE(::stat((folder + file).c_str(), &about) == 0);
        CHECK((about.st_mode & 0777) == 0600);
    }
    // A further certificate is vouched for by the same one.
    REQUIRE(sh.distd({"ca", "local", "shop.test", "--folder=" + folder}).code == 0);
    CHECK(text_of_file(folder + "/root.pem") == root);
    CHECK_THAT(sh.bash("openssl verify -CAfile " + folder + "/root.pem " + folder + "/shop.test.pem").out,
               Contains("OK"));
    for (const auto* name : {"../shop", "a,b", "Shop.test"}) {
        const auto refused = sh.distd({"ca", "local", name, "--folder=" + folder});
        CHECK(refused.code == 2);
        CHECK_THAT(refused.err, Contains("no host name"));
    }
    CHECK(sh.distd({"ca", "public"}).code == 2);
    // Its folder is all that it touches: what it prints is for people to do.
    for (const auto& entry : std::filesystem::directory_iterator(sh.home("")))
        CHECK((entry.path().filename() == "ca" || entry.path().filename().string().starts_with("errors-")));
    // A first name of any length; the names stand where clients look for them.
    const auto long_name = std::string(60, 'a') + "." + std::string(60, 'b') + ".test";
    REQUIRE(sh.distd({"ca", "local", long_name, "--folder=" + folder}).code == 0);
    CHECK_THAT(sh.bash("openssl verify -CAfile " + folder + "/root.pem -verify_hostname " + long_name + " " +
                       folder + "/" + long_name + ".pem && openssl x509 -noout -subject -in " + folder + "/" +
                       long_name + ".pem")
                   .out,
               Contains("OK") && Contains("CN = distd"));
    // What is damaged is named.
    for (const auto* file : {"/root.pem", "/root.key"}) {
        const auto before = text_of_file(folder + file);
        std::ofstream(folder + file) << "no PEM";
        const auto damaged = sh.distd({"ca", "local", "--folder=" + folder});
        CHECK(damaged.code == 1);
        CHECK_THAT(damaged.err, Contains("ca" + std::string(file) + ": it holds no "));
        std::ofstream(folder + file) << before;
    }
    // Whoever trusts that root would not trust another one.
    std::filesystem::remove(folder + "/root.key");
    const auto without_key = sh.distd({"ca", "local", "--folder=" + folder});
    CHECK(without_key.code == 1);
    CHECK_THAT(without_key.err, Contains("root.key is not there"));
    CHECK(text_of_file(folder + "/root.pem") == root);
}

// What `distd certs` says of certificates.
#include "client/verbs/certs_text.hpp"

#include <catch2/catch.hpp>

using namespace distd::ops;
using namespace distd::ops::client;
using Catch::Contains;

namespace {

shown_certificate from_file() {
    shown_certificate c;
    c.gateway = "http://127.0.0.1:5005";
    c.file = "/etc/shop.pem";
    c.names = {"shop.example"};
    c.until = "2027-03-01T00:00:00Z";
    c.days_left = 44;
    return c;
}

}  // namespace

TEST_CASE("a certificate is said with its days, and one that no CA has issued yet with the reason") {
    auto issued = from_file();
    issued.issuing = issuing_words{true, "waits for the renewal", "", "", ""};
    auto awaited = from_file();
    awaited.names = {"new.example", "www.new.example"};
    awaited.issuing =
        issuing_words{false, "waits for the next try", "the CA does not believe that new.example is ours",
                      "2027-01-15T08:05:00Z", "no room left on the disk"};
    const auto text = certs_text({from_file(), issued, awaited}, output_style{});
    CHECK_THAT(text, Contains("/etc/shop.pem") && Contains("a CA (ACME)") && Contains("44"));
    CHECK_THAT(text, Contains("not issued yet") && Contains("new.example, www.new.example"));
    CHECK_THAT(text, Contains("the CA does not believe that new.example is ours"));
    CHECK_THAT(text, Contains("waits for the next try, at 2027-01-15T08:05:00Z"));
    CHECK_THAT(text, Contains("not saved: no room left on the disk"));
}

TEST_CASE("a certificate that is over, or whose newer file is refused, is said so") {
    auto over = from_file();
    over.days_left = -1;
    over.invalid = "its time is over";
    auto refused = from_file();
    refused.refused = "--tls-cert-file=/etc/shop.pem: the key is not the certificate's";
    const auto text = certs_text({over, refused}, output_style{});
    CHECK_THAT(text, Contains("its time is over") && Contains("the new one is refused"));
    CHECK_THAT(text, Contains("the key is not the certificate's"));
}

// What --listen and --advertise mean for one service and for several, and which addresses need credentials.
#include "sdk/process/service_addresses.hpp"

#include <catch2/catch.hpp>

using namespace distd;

namespace {

using addresses = std::map<std::string, host_port>;
using texts = std::vector<std::string>;

const std::vector<listener> one{{"log", "127.0.0.1:4000"}};
const std::vector<listener> two{{"registry", "127.0.0.1:3000"}, {"log", "127.0.0.1:4000"}};

addresses listening(const texts& items, const std::vector<listener>& listeners = two) {
    return resolve_listen(items, "--listen", listeners);
}

std::string listen_complaint(const texts& items, const std::vector<listener>& listeners = two) {
    try {
        static_cast<void>(listening(items, listeners));
        return {};
    } catch (const settings_error& wrong) {
        return wrong.what();
    }
}

std::string exposure_complaint(const host_port& where, bool tokens = false, bool insecure = false) {
    try {
        check_exposure("log", where, tokens, insecure);
        return {};
    } catch (const settings_error& wrong) {
        return wrong.what();
    }
}

}  // namespace

TEST_CASE("a service that nothing is said about listens on its own address") {
    CHECK(listening({}) == addresses{{"registry", {"127.0.0.1", 3000}}, {"log", {"127.0.0.1", 4000}}});
}

TEST_CASE("an address for the only service replaces what it names: host, port or both") {
    CHECK(listening({"10.0.0.1:80"}, one) == addresses{{"log", {"10.0.0.1", 80}}});
    CHECK(listening({"10.0.0.1"}, one) == addresses{{"log", {"10.0.0.1", 4000}}});
    CHECK(listening({":80"}, one) == addresses{{"log", {"127.0.0.1", 80}}});
    CHECK(listening({":0"}, one) == addresses{{"log", {"127.0.0.1", 0}}});
    CHECK(listening({"log=[::1]:80"}, one) == addresses{{"log", {"::1", 80}}});
}

TEST_CASE("a host alone and port 0 are meant for every service") {
    CHECK(listening({"10.0.0.1"}) ==
          addresses{{"registry", {"10.0.0.1", 3000}}, {"log", {"10.0.0.1", 4000}}});
    CHECK(listening({"10.0.0.1:0"}) == addresses{{"registry", {"10.0.0.1", 0}}, {"log", {"10.0.0.1", 0}}});
    CHECK(listening({":0"}) == addresses{{"registry", {"127.0.0.1", 0}}, {"log", {"127.0.0.1", 0}}});
}

TEST_CASE("an address of its own comes before the one for every service, and takes its host from there") {
    CHECK(listening({"10.0.0.1", "log=:80"}) ==
          addresses{{"registry", {"10.0.0.1", 3000}}, {"log", {"10.0.0.1", 80}}});
    CHECK(listening({":0", "log=:80"}) ==
          addresses{{"registry", {"127.0.0.1", 0}}, {"log", {"127.0.0.1", 80}}});
    CHECK(listening({"log=:80"}) == addresses{{"registry", {"127.0.0.1", 3000}}, {"log", {"127.0.0.1", 80}}});
}

TEST_CASE("a port without a name is taken when only one service is left for it") {
    CHECK(listening({":81", "log=10.0.0.1"}) ==
          addresses{{"registry", {"127.0.0.1", 81}}, {"log", {"10.0.0.1", 4000}}});
}

TEST_CASE("one port for several services is refused with the way to say which") {
    CHECK(listen_complaint({"10.0.0.1:80"}) ==
          "--listen=10.0.0.1:80: cannot stand for registry, log alike; write registry=10.0.0.1:80 for one of "
          "them, "
          "or leave the port out");
    CHECK_THAT(listen_complaint({"log=:3000"}), Catch::Contains("log and registry would both listen on"));
}

TEST_CASE("an item for a service that does not run here, or for one twice, is refused") {
    CHECK(listen_complaint({"lgo=:80"}) ==
          "--listen=lgo=:80: 'lgo' does not run in this process, only registry, log; did you mean log?");
    CHECK_THAT(listen_complaint({"=:80"}), Catch::Contains("'' does not run"));
    CHECK_THAT(listen_complaint({"log=:80", "log=:81"}), Catch::Contains("there is one before it for log"));
    CHECK_THAT(listen_complaint({"::0", ":0"}, one), Catch::Contains("[::1]:3000"));
    CHECK_THAT(listen_complaint({":0", "localhost"}),
               Catch::Contains("there is one before it for every service"));
}

TEST_CASE("a malformed address is refused where it stands") {
    CHECK_THAT(listen_complaint({"log=h:x"}), Catch::StartsWith("--listen=log=h:x: the port must be"));
    CHECK_THROWS_WITH(resolve_listen({"h:x"}, "a.conf:3", one),
                      Catch::StartsWith("a.conf:3: listen = h:x: "));
}

TEST_CASE("the address to register with belongs to one service, or names it") {
    using urls = std::map<std::string, std::string>;
    const auto of = [](const texts& items, const auto& listeners) {
        return resolve_advertise(items, "--advertise", listeners);
    };
    CHECK(of({}, two).empty());
    CHECK(of({"http://h/a=b/"}, one) == urls{{"log", "http://h/a=b"}});
    CHECK(of({"log=http://h", "http://i"}, two) == urls{{"log", "http://h"}, {"registry", "http://i"}});
    CHECK(of({"log=http://h"}, two) == urls{{"log", "http://h"}});
    CHECK_THROWS_WITH(of({"http://h"}, two), Catch::Contains("write registry=http://h for one of them"));
    CHECK_THROWS_WITH(of({"log=h"}, two), Catch::StartsWith("--advertise=log=h: the port is missing"));
}

TEST_CASE("an address beyond loopback needs tokens or --insecure") {
    for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "example.org"}) {
        CAPTURE(host);
        CHECK_THAT(exposure_complaint({host, 80}),
                   Catch::Contains("--access-token-file") && Catch::Contains("--insecure"));
        CHECK(exposure_complaint({host, 80}, true).empty());
        CHECK(exposure_complaint({host, 80}, false, true).empty());
    }
    for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
        CAPTURE(host);
        CHECK(exposure_complaint({host, 80}).empty());
    }
}

TEST_CASE("with TLS a service listens only where that is said, and with a port") {
    const auto plain = listening({});
    const auto with_tls = [&](const texts& items, const std::vector<listener>& listeners = two) {
        return resolve_tls_listen(items, "--tls-listen", listeners, plain);
    };
    const auto complaint = [&](const texts& items, const std::vector<listener>& listeners = two) {
        try {
            static_cast<void>(with_tls(items, listeners));
            return std::string();
        } catch (const settings_error& wrong) {
            return std::string(wrong.what());
        }
    };
    CHECK(with_tls({}).empty());
    CHECK(with_tls({"0.0.0.0:443"}, one) == addresses{{"log", {"0.0.0.0", 443}}});
    CHECK(with_tls({"log=:8443"}) == addresses{{"log", {"127.0.0.1", 8443}}});
    CHECK(with_tls({"0.0.0.0:0"}) == addresses{{"registry", {"0.0.0.0", 0}}, {"log", {"0.0.0.0", 0}}});
    CHECK_THAT(complaint({"0.0.0.0:443"}), Catch::Contains("registry=0.0.0.0:443"));
    CHECK_THAT(complaint({"log=0.0.0.0"}), Catch::Contains("there is no port"));
    CHECK_THAT(complaint({"log=127.0.0.1:4000"}), Catch::Contains("log with TLS would both listen"));
}

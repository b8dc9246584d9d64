// What completion asks while somebody types, in time that the test moves.
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "client/arguments/parsed_words.hpp"
#include "client/system/context.hpp"
#include "client/verbs/verbs.hpp"
#include "unit/http/client/client_fixture.hpp"

using namespace distd;
using namespace distd::ops::client;
using namespace distd::test;

namespace {

using words = std::vector<std::string>;

// Accepts, reads, and never says a word.
raw_server::script silence() {
    return [](int, const std::string&) { return raw_server::action{}; };
}

// A verb that runs on the loop of a test.
class running_verb {
public:
    running_verb(client_fixture& f, const words& arguments, const words& registries)
        : loop_(f.loop),
          given_(*find_verb(arguments.front()), {arguments.begin() + 1, arguments.end()}),
          roles_(f.loop.get_executor(), f.time, where(registries)),
          context_(*find_verb(arguments.front()), given_, out_.get(), err_.get(), roles_, f.time) {
        boost::asio::co_spawn(f.loop, context_.what.run(context_), [this](std::exception_ptr why, int code) {
            code_ = why ? exit_code::cannot_reach : code;
        });
    }

    // Ends the calls that are under way, and with them the verb.
    ~running_verb() {
        roles_.stop();
        loop_.restart();
        loop_.poll();
    }
    running_verb(const running_verb&) = delete;
    running_verb& operator=(const running_verb&) = delete;

    [[nodiscard]] std::optional<int> code() const { return code_; }
    [[nodiscard]] long printed() const { return std::ftell(out_.get()); }

private:
    struct file_closer {
        void operator()(std::FILE* f) const { std::fclose(f); }
    };
    using file = std::unique_ptr<std::FILE, file_closer>;

    static registry_access where(const words& registries) {
        registry_access w;
        w.registries = registries;
        return w;
    }

    boost::asio::io_context& loop_;
    file out_{std::tmpfile()};
    file err_{std::tmpfile()};
    parsed_words given_;
    roles_client roles_;
    context context_;
    std::optional<int> code_;
};

}  // namespace

TEST_CASE_METHOD(client_fixture,
                 "completion waits 200 ms for a registry that does not answer, and no longer") {
    const auto* const what = GENERATE("services", "instances", "keys");
    raw_server registry(loop, silence());
    running_verb completion(*this, {"completion", what, "ca"}, {registry.url("")});
    run_until([&] { return registry.requests().size() == 1; });
    time.advance(milliseconds(199));
    CHECK_FALSE(completion.code());
    time.advance(milliseconds(1));
    REQUIRE(completion.code());  // and the registry still holds the request
    CHECK(completion.printed() == 0);
    CHECK(registry.requests().size() == 1);
}

TEST_CASE_METHOD(client_fixture, "the 200 ms of completion are those of all registries together") {
    raw_server first(loop, silence());
    raw_server second(loop, silence());
    running_verb completion(*this, {"completion", "services", "ca"}, {first.url(""), second.url("")});
    run_until([&] { return first.requests().size() == 1; });
    time.advance(milliseconds(200));
    REQUIRE(completion.code());
    CHECK(completion.printed() == 0);
    CHECK(second.requests().empty());
}

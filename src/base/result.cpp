#include <distd/result.hpp>

namespace distd {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "distd"; }
    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::unreachable: return "nobody answers at that address";
            case errc::timed_out: return "no answer in time";
            case errc::connection_lost: return "the connection broke before the answer was complete";
            case errc::bad_answer: return "the answer was not valid HTTP or larger than allowed";
            case errc::bad_address: return "the address cannot be used";
            case errc::no_provider: return "no instance of the service is known";
            case errc::overloaded: return "too much work at the moment";
            case errc::stopped: return "the process is stopping";
            case errc::not_found: return "not found";
            case errc::conflict: return "changed by someone else meanwhile";
            case errc::invalid: return "the content breaks a rule";
            case errc::storage_full: return "no room left on the disk";
            case errc::storage_failed: return "the store could not be written or read";
            case errc::outcome_unknown: return "it is not known whether it was stored";
            case errc::untrusted: return "its certificate is not trusted, or not valid for that name";
        }
        return "unknown";
    }
};

}  // namespace

const boost::system::error_category& distd_category() noexcept {
    static const category instance;
    return instance;
}

boost::system::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), distd_category()}; }

}  // namespace distd

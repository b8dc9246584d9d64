// Where the gateway may lead visitors, by what is registered there. Pure.
//
// Opting in is a statement of the one who listens at an address and port, so it counts for that place,
// however its URL is spelled and under whatever names. Who has proven to listen there decides alone. Where
// nobody has, as in the base protocol, every registration from that machine must agree: one that did not opt
// in stands for a service that may not want to be found. Registrations of a URL that is not the registrant's
// say nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "wire/url_proof.hpp"

namespace distd::portal {

class opt_ins {
public:
    void clear() noexcept { places_.clear(); }
    // `place`: as http::local_addresses::place_of.
    void add(std::string place, wire::url_proof, bool has_opted_in);

    // unknown: nobody who may say so has said anything.
    enum class state : std::uint8_t { unknown, open, closed };
    [[nodiscard]] state at(std::string_view place) const;

private:
    struct statements {
        bool is_confirmed = false;  // by the one who listens: then the others do not count
        bool has_opted_in = false;
    };
    std::map<std::string, statements, std::less<>> places_;
};

}  // namespace distd::portal

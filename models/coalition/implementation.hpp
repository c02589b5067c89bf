// How far organisations that must work together come with programmes: shared vision that spreads over their ties,
// reluctance, conflicting targets, rules that open, a convenor. Numbers only; docs/methods/coalition.md has the
// equations.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace proeftuin::coalition {

/// What holds programmes up or helps them on; each can be left out.
enum class Mechanism : std::uint8_t { shared_vision, reluctance, conflicting_targets, rules, prerequisites, convenor };
inline constexpr std::array<std::pair<std::string_view, Mechanism>, 6> mechanism_names{
    {{"shared_vision", Mechanism::shared_vision},
     {"reluctance", Mechanism::reluctance},
     {"conflicting_targets", Mechanism::conflicting_targets},
     {"rules", Mechanism::rules},
     {"prerequisites", Mechanism::prerequisites},
     {"convenor", Mechanism::convenor}}};

/// How the willingness of the organisations of a programme becomes one number.
enum class Combines : std::uint8_t { geometric, mean, weakest };

struct Organisation {
    double shared_vision = 1.0;  ///< at the start, 0 to 1
    double reluctance = 0.0;  ///< 0 to 1
    bool reached = false;  ///< by the convenor
};

/// Two organisations that talk: the difference of their visions closes at twice this rate.
struct Tie {
    std::size_t a, b;
    double strength;  ///< per year
};

struct Convenor {
    double from = -std::numeric_limits<double>::infinity();  ///< calendar years
    double to = -std::numeric_limits<double>::infinity();
    double persuades = 0.0;  ///< per year: the rate at which what is missing to full vision goes
    double overcomes = 0.0;  ///< share of reluctance that is gone while it works
    double speeds_up = 1.0;  ///< factor on the speed of programmes while it works
};

struct Rule {
    double opens;  ///< calendar year
    double before = 0.0;  ///< factor on strength until then
};

struct Part {
    std::vector<double> shares;  ///< by organisation, sum 1
    std::vector<double> conflict;  ///< by organisation, 0 to 1: how much the programme works against its targets
    Combines combines = Combines::geometric;
    double from = -std::numeric_limits<double>::infinity();  ///< calendar year in which implementation begins
    double takes = 1.0;  ///< years in which what is missing falls to 1 / e
    double at_start = 0.0;  ///< level until `from`
    std::vector<std::size_t> rules = {};
    std::vector<std::size_t> after = {};  ///< parts whose level multiplies the strength
};

struct Coalition {
    std::vector<Organisation> organisations;
    std::vector<Tie> ties;
    Convenor convenor;
    std::vector<Rule> rules;
    std::vector<Part> parts;
    std::array<bool, mechanism_names.size()> on{true, true, true, true, true, true};

    bool has(Mechanism m) const { return on[static_cast<std::size_t>(m)]; }
    /// Incentive misalignment score of a part: the conflict of its organisations, weighed by their shares.
    double misalignment(std::size_t part) const;
};

/// How a coalition goes, at `times` (calendar years, ascending; a twelfth of a year apart or less). Linear in between.
struct Course {
    std::vector<double> times;
    std::vector<std::vector<double>> vision;  ///< by organisation and time, 0 to 1
    std::vector<std::vector<double>> level;  ///< by part and time, 0 to 1: how far it is implemented

    /// A row of `vision` or `level` at a time; at the ends what holds there.
    double at(const std::vector<double>& row, double time) const;
};

Course course_of(const Coalition& coalition, double from, double to);

/// What a mechanism changes in the level of each part at a time: with it less without it, all others as they are.
std::vector<double> contribution(const Coalition& coalition, Mechanism mechanism, double from, double at);

/// How much a change of indicators (`moves`) is against what somebody is held to (`targets`): the balance of products
/// over their sizes, turned round and cut off at 0, so 0 (in line, or nothing in common) to 1 (all against).
/// \pre of one length, by indicator
double conflict(const std::vector<double>& targets, const std::vector<double>& moves);

}  // namespace proeftuin::coalition

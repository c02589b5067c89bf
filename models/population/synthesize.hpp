// Makes the people of a region: persons in households in neighbourhoods, with their attributes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/data/person_table.hpp"
#include "models/population/fit_report.hpp"
#include "models/population/region.hpp"

namespace proeftuin::population {

struct Synthesis {
    PersonTable people;
    FitReport report;
};

/// Draws `number` people of the region (0: as many as its file says). The same region, seed and number give the same
/// bits on every machine. Columns: age [year, exact at 1 January], household [number], and numbers among the
/// attributes; sex, neighbourhood, municipality, household_position and the categorical attributes. People of one
/// household stand together, households of one neighbourhood too. About 0.3 s per 170,000 people.
Synthesis synthesize(const RegionSpec& region, std::uint64_t seed, std::size_t number = 0);

}  // namespace proeftuin::population

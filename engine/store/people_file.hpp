// People in HDF5: numbers with units, categories as whole numbers with their labels; and population files.
#pragma once

#include <map>
#include <span>
#include <string>

#include "engine/data/person_table.hpp"
#include "engine/store/hdf5_file.hpp"

namespace proeftuin::store {

/// Writes columns as `group/<name>`, one value per person along the scale `group/<axis>`, which must be there.
///
/// A category becomes the smallest signed integer type that holds its codes, with CF `flag_values` and
/// `flag_meanings` (labels with '_' for blanks) and the exact labels as texts in `group/<name>__labels`.
void write_people_columns(Hdf5Writer& out, const std::string& group, const std::string& axis,
                          std::span<const NumberColumn> numbers, std::span<const CategoryColumn> categories);

/// Reads what `write_people_columns` wrote, in the order in which it was written.
/// \throws IoError, also when a code has no label or a column has another length than `people`
void read_people_columns(const Hdf5Reader& in, const std::string& group, const std::string& axis, std::size_t people,
                         std::vector<NumberColumn>& numbers, std::vector<CategoryColumn>& categories);

/// Where a population came from: free attributes, for example "seed", "recipe", "sources".
using PopulationProvenance = std::map<std::string, std::string>;

/// Writes people to a file of their own, `/population/<column>`. \throws IoError
void write_population(const std::string& path, const PersonTable& people, const PopulationProvenance& provenance);

struct Population {
    PersonTable people;
    PopulationProvenance provenance;
    std::string content_digest;  ///< for the provenance of runs that start from it
};

/// Reads and verifies a population file. \throws IoError
Population read_population(const std::string& path);

}  // namespace proeftuin::store

// The verb `compare`: scenarios side by side, run here or read from results files.
#pragma once

#include <string>
#include <vector>

#include "engine/app/session.hpp"
#include "output/show.hpp"

namespace proeftuin::app {

struct CompareChoices {
    std::vector<std::string>
        of;  ///< scenario files (YAML) and results files (HDF5); the first is what others are held against
    RunChoices run;  ///< of the scenario files; `out` takes the results of all, when it is given
    output::ShowOptions show;
};

/// Prints the differences of each scenario from the first. \return exit code
int compare(CompareChoices& choices, const Common& common);

}  // namespace proeftuin::app

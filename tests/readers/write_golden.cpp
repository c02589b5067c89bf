// Writes the golden results file at argv[1].
#include <vector>

#include "output/writer.hpp"
#include "tests/readers/golden.hpp"

int main(int, char** argv) {
    using namespace proeftuin::output;
    std::vector<ResultSet> sets = {golden_results("usual_care"), golden_results("substitution")};
    sets.back().panel.reset();
    write_results(argv[1], sets);
}

// Prints the digests of a fixed list of small scenarios, one a line: builds and machines must agree on them.
#include <cstdio>

#include "tests/invariance/columns.hpp"

int main() {
    using namespace proeftuin;
    using namespace proeftuin::lab;
    const auto print = [](const std::string& name, const std::string& path, Choice choice) {
        const Done run(std::make_unique<Lab>(path, std::move(choice)), 2, 1024, true);
        std::uint64_t people = 0;
        for (const auto& [column, bits] : columns_by_uid(run.simulation()))
            for (const auto& [uid, value] : bits) people = combine64(people, combine64(uid, value));
        std::printf("%-34s %016llx %016llx\n", name.c_str(), static_cast<unsigned long long>(run.results().digest()),
                    static_cast<unsigned long long>(people));
    };
    print("village", village(), {});
    print("village by the month", village(), {.step = "1 month"});
    print("village by the year", village(), {.step = "1 year"});
    print("village of another seed", village(), {.seed = 77});
    for (const char* name :
         {"sick_sicker_a", "sick_sicker_b_treatment", "gompertz", "competing_exponential", "illness_death",
          "three_state_cancer", "reversible_two_state", "hiv_combination", "hip_new"})
        print(name, textbook(name), {.number = 500});
    print("reference_model_r_programmes", textbook("reference_model_r_programmes"), {.number = 1000, .years = 5});
}

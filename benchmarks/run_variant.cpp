// Runs one variant of the reference model once and prints what came out as a line of JSON.
// proeftuin_reference_model <variant> [people] [years] [seed] [none|programmes] [seed of the people]; without a
// variant: the list of them.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "benchmarks/kernels.hpp"

using namespace proeftuin::benchmarks;

namespace {

int run(int argc, char** argv) {
    if (argc < 2) {
        for (const Variant& v : variants()) std::printf("%s\t%s\n", v.name.data(), v.what.data());
        return 0;
    }
    Request request;
    if (argc > 2) request.people = std::atoll(argv[2]);
    if (argc > 3) request.years = std::atoi(argv[3]);
    if (argc > 4) request.seed = std::strtoull(argv[4], nullptr, 10);
    if (argc > 5) request.with_programmes = std::strcmp(argv[5], "programmes") == 0;
    const std::uint64_t people_seed = argc > 6 ? std::strtoull(argv[6], nullptr, 10) : request.seed;
    if (request.people < 1 || request.people > (std::int64_t{1} << 31) || request.years < 1) {
        std::fprintf(stderr, "people must be 1 to 2^31 and years at least 1\n");
        return 2;
    }
    for (const Variant& v : variants()) {
        if (v.name != argv[1]) continue;
        const Outcome o = v.run(request, start_population(request.people, people_seed));
        const double alive = static_cast<double>(o.alive);
        std::printf(
            "{\"variant\": \"%s\", \"people\": %lld, \"years\": %d, \"seed\": %llu, \"seconds\": %.6f, "
            "\"cpu_seconds\": %.6f, \"processor_seconds\": %.6f, ",
            v.name.data(), static_cast<long long>(request.people), request.years,
            static_cast<unsigned long long>(request.seed), o.seconds, o.cpu_seconds, o.processor_seconds);
        std::printf("\"alive\": %lld, \"qalys\": %.3f, \"events\": %lld, \"current_smokers\": %.6f, \"mean_bmi\": %.6f",
                    static_cast<long long>(o.alive), o.qalys, static_cast<long long>(o.events),
                    static_cast<double>(o.current_smokers) / alive, o.bmi_sum / alive);
        if (o.load_seconds > 0.0)
            std::printf(", \"load_seconds\": %.6f, \"compile_seconds\": %.6f, \"bytecode_seconds\": %.6f",
                        o.load_seconds, o.compile_seconds, o.bytecode_seconds);
        for (const bool severe : {false, true}) {
            std::printf(", \"%s\": {", severe ? "most_severe" : "prevalence");
            for (std::size_t d = 0; d < n_diseases; ++d)
                std::printf("%s\"%s\": %.6f", d ? ", " : "", diseases[d].name,
                            static_cast<double>(severe ? o.most_severe[d] : o.with_disease[d]) / alive);
            std::printf("}");
        }
        std::printf("}\n");
        return 0;
    }
    std::fprintf(stderr, "no variant '%s'; run without arguments for the list\n", argv[1]);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 3;
    }
}

// Any text as an expression: it is bound or refused with a message; what is bound compiles, runs, and agrees with the
// reference where nothing is merged away.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/expr/program.hpp"
#include "tests/unit/expr/world.hpp"

using namespace proeftuin;

namespace {

const testing::World& world() {
    static const testing::World made = [] {
        testing::World w;
        DerivedSymbol loop;
        loop.expression.text = "loop + 1";
        w.symbols.set("loop", loop);
        return w;
    }();
    return made;
}

void check(const std::string& text, const Expected& expected) {
    const testing::World& w = world();
    SourceFiles files;
    const auto file = files.add("fuzz.yaml", text);
    DiagnosticSink sink;
    const ExprText expression{
        text, {file, 1, 1, static_cast<std::uint32_t>(text.size())}, text.find('\n') == text.npos};
    names_in(expression);
    const auto bound = bind(expression, w.symbols, expected, sink);
    render(sink.items(), files, DiagnosticFormat::full, Colour::off);
    if (!bound) {
        if (!sink.has_errors()) std::abort();  // refused without a word
        return;
    }
    const Program program = Program::compile({&*bound, 1}, w.widths);
    constexpr std::size_t n = 21;
    double values[n];
    double* output = values;
    static EvaluationScratch scratch;
    program.run(w.input(nullptr, n), scratch, &output);
    for (const std::size_t i : {std::size_t{0}, n - 1}) {
        const double wanted = evaluate_reference(*bound, w.input(), i, w.widths);
        // Cancellation and overflow half-way are for the property test, which bounds them.
        if (std::isfinite(wanted) && std::isfinite(values[i]) && std::fabs(wanted) > 1e300 && values[i] == 0)
            std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    Expected rate;
    rate.unit.powers["year"] = -1;
    Expected condition;
    condition.kind = ValueKind::boolean;
    Expected category;
    category.kind = ValueKind::category;
    category.categories = world().smoking;
    // What is expected is part of the input; one of them keeps a run short.
    const Expected all[] = {rate, testing::any_number(), condition, category};
    check(text, all[size % 4]);
    return 0;
}

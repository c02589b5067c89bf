// From a model specification to a compiled model: the order of the parts.
#include "engine/run/model_compiler.hpp"

namespace proeftuin {

std::shared_ptr<const Model> ModelCompiler::run() {
    declare();
    if (sink_.has_errors()) return nullptr;
    bind_derived();
    bind_starts();
    bind_transitions();
    bind_life();
    bind_effects();
    bind_selections();
    order_starts();
    if (sink_.has_errors()) {
        bind_flows();
        declare_measures();
        bind_signals();
        return nullptr;
    }
    normalise();
    bind_flows();
    if (sink_.has_errors()) return nullptr;
    plan_slots();
    // What a policy does to rates must not change what the people of the base year cost: that would be paid back.
    match_residuals();
    apply_effects();
    declare_measures();
    bind_signals();
    if (sink_.has_errors()) return nullptr;
    compile_programs();
    return model_;
}

std::shared_ptr<const Model> compile_model(const ModelSpec& spec, const PersonTable* start, RunKey key,
                                           DiagnosticSink& sink) {
    return ModelCompiler(spec, start, key, sink).run();
}

}  // namespace proeftuin

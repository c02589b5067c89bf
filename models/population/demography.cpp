#include "models/population/demography.hpp"

#include <fmt/format.h>

#include "engine/expr/located.hpp"

namespace proeftuin::population {

Schema<DemographyEntry> demography_schema() {
    Schema<MortalityEntry> mortality("mortality", "The rate of death.");
    mortality
        .required("rate", &MortalityEntry::rate, expression(), "Rate of death; processes multiply and add.",
                  "mortality[sex, age, year]")
        .unit_is("per year");
    mortality
        .optional("total", &MortalityEntry::total, boolean(),
                  "The rate is that of all deaths of the nation: deaths by fatality are taken off and the multipliers "
                  "divided by their national mean.")
        .default_is("false");
    Schema<RateEntry> births("births", "The rate of giving birth.");
    births
        .required("rate", &RateEntry::rate, expression(),
                  "Rate of giving birth, for everybody alive; 0 where it does not apply.",
                  "sex == female ? fertility[age, year] : 0 per year")
        .unit_is("per year");
    Schema<RateEntry> departures("departures", "The rate of leaving the region.");
    departures
        .required("rate", &RateEntry::rate, expression(), "Rate of leaving the region.", "departure_rate[sex, age]")
        .unit_is("per year");
    Schema<ArrivalsEntry> arrivals("arrivals", "People who come to live in the region.");
    arrivals.required("numbers", &ArrivalsEntry::numbers, located(name()),
                      "Parameter table of people per year, by age, year and attributes with categories.", "arrivals");
    arrivals.optional("scale", &ArrivalsEntry::scale, expression(), "Factor on the table; a constant.", "0.01")
        .default_is("1");

    Schema<DemographyEntry> s("demography", "How people come and go.");
    s.entry_kind("demography");
    s.optional("format", &DemographyEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("demography", &DemographyEntry::name, located(name()), "Name.", "netherlands");
    s.optional("doc", &DemographyEntry::doc, text(), "What it is.");
    s.optional("mortality", &DemographyEntry::mortality, object(mortality), "Death.");
    s.optional("births", &DemographyEntry::births, object(births), "Birth.");
    s.optional("arrivals", &DemographyEntry::arrivals, object(arrivals), "Arrival.");
    s.optional("departures", &DemographyEntry::departures, object(departures), "Departure.");
    s.optional("parameters", &DemographyEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

void lower(const DemographyEntry& entry, ModelSpec& model, DiagnosticSink& sink) {
    const auto twice = [&](const char* what, bool already) {
        if (already)
            sink.error("E0427", fmt::format("{} are given by more than one demography", what), entry.name.span);
    };
    if (entry.mortality) {
        twice("deaths", model.mortality.has_value());
        model.mortality = HazardSpec{expr_text(entry.mortality->rate), {}, {}, entry.mortality->total};
    }
    if (entry.births) {
        twice("births", model.births.has_value());
        model.births = expr_text(entry.births->rate);
    }
    if (entry.departures) {
        twice("departures", model.departures.has_value());
        model.departures = expr_text(entry.departures->rate);
    }
    if (entry.arrivals) {
        ArrivalSpec spec;
        spec.where = entry.arrivals->numbers.span;
        std::vector<std::string> names;
        for (const auto& table : model.tables) {
            names.push_back(table->name);
            if (table->name == entry.arrivals->numbers.value) spec.numbers = table;
        }
        spec.scale = entry.arrivals->scale ? expr_text(*entry.arrivals->scale) : ExprText{"1", {}, false};
        if (!spec.numbers) {
            sink.error("E0428", fmt::format("there is no table '{}'", entry.arrivals->numbers.value), spec.where,
                       suggestion(entry.arrivals->numbers.value, names));
            return;
        }
        model.arrivals.push_back(std::move(spec));
    }
}

}  // namespace proeftuin::population

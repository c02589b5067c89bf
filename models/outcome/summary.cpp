#include "models/outcome/summary.hpp"

#include <algorithm>

namespace proeftuin::outcome {

Schema<SummarySectionEntry> summary_section_schema() {
    Schema<LifeTableEntry> life("life_table", "What a period life table is made of.");
    life.required("deaths", &LifeTableEntry::deaths, located(name()), "Measure that counts deaths.",
                  "life_table_deaths");
    life.required("person_years", &LifeTableEntry::person_years, located(name()), "Measure that integrates 1.",
                  "life_table_person_years");
    life.optional("healthy_years", &LifeTableEntry::healthy_years, located(name()),
                  "Measure of the years that count, for a healthy life expectancy (Sullivan).",
                  "life_table_healthy_years");
    life.required("age", &LifeTableEntry::age, located(name()),
                  "Group by which all of them are counted: a number of years cut at `from`.", "year_of_age");

    Schema<GrowthEntry> growth("growth", "What is split. All of them are counted by the same groups, of age and sex.");
    growth.required("amount", &GrowthEntry::amount, located(name()), "Measure that integrates the amount.",
                    "spending_total");
    growth.optional("unindexed", &GrowthEntry::unindexed, located(name()),
                    "Measure that integrates the amount without the index on cost (`unindexed_cost_total`): the index "
                    "is told apart.",
                    "spending_total_unindexed");
    growth.required("person_years", &GrowthEntry::person_years, located(name()), "Measure that integrates 1.",
                    "person_years_5");

    using Line = SummaryLineEntry;
    Schema<Line> line(
        "line",
        "One line of the summary, or several that are chosen by size. Measures are added up over their groups.");
    line.optional("label", &Line::label, text(), "What the line says.", "people of 65 and over");
    line.optional("measure", &Line::measure, list_or_single(located(name())), "Measure, or several that are added up.",
                  "spending_total");
    line.optional("where", &Line::where, map_of(list_or_single(located(text()))), "Only these labels of groups.",
                  "{ age_band: [80-89, 90+] }");
    line.optional("per", &Line::per, list_or_single(located(name())),
                  "Measure to divide by, in the same period and groups.", "person_years");
    line.optional("statistic", &Line::statistic, located(name()),
                  "A statistic over people's totals, instead of the value.", "top_share_1");
    line.optional("life_table", &Line::life_table, object(life), "Life expectancy, from measures by age.",
                  "{ deaths: life_table_deaths, person_years: life_table_person_years, age: year_of_age }");
    line.optional("growth", &Line::growth, object(growth),
                  "Lines that add up to the growth of an amount since the first year: by the number of people, their "
                  "ages, care at given age, and the index. In percent they multiply to it.",
                  "{ amount: spending_total, unindexed: spending_total_unindexed, person_years: person_years_5 }");
    line.optional("of", &Line::of, map_of(list_or_single(located(name())), Keys::any),
                  "A line for each of these: label -> measure.",
                  "{ hospital: spending_hospital, medicines: spending_pharmacy }");
    line.optional("each", &Line::each, located(name()), "A line for each label of this group of `measure`.",
                  "neighbourhood");
    line.optional("largest", &Line::largest, integer(1, 100),
                  "Of `of` or `each`: so many, the largest in the last year first.", "3")
        .default_is("all, as they stand");
    line.optional("in", &Line::scale,
                  one_of<Line::Scale>({{"one", Line::Scale::one},
                                       {"thousand", Line::Scale::thousand},
                                       {"million", Line::Scale::million},
                                       {"percent", Line::Scale::percent}}),
                  "What the number is written in.", "million")
        .default_is("one");
    line.optional("unit", &Line::unit, text(), "Unit as it is printed, before `in`.", "years")
        .default_is("that of the measure");
    line.optional("decimals", &Line::decimals, integer(0, 9), "Digits after the point.", "1")
        .default_is("three digits in all");
    line.optional(
            "change", &Line::change,
            one_of<Line::Change>(
                {{"percent", Line::Change::percent}, {"units", Line::Change::units}, {"none", Line::Change::none}}),
            "How the change from the first to the last year is told: in percent, or as a difference.", "units")
        .default_is("percent");
    line.optional("note", &Line::note, text(), "What must be known about the number; printed below, with a mark.",
                  "A national figure.");
    line.exactly_one_of({"measure", "life_table", "growth", "of"});
    line.at_most_one_of({"each", "of", "life_table", "growth"});
    line.place(&Line::place);
    line.check([](const Line& l, const Node&, DiagnosticSink& sink) {
        const auto report = [&](const char* message, std::optional<std::string> help = {}) {
            sink.error("E0437", message, l.place, std::move(help));
        };
        const bool several = l.each.has_value() || !l.of.empty() || l.growth.has_value();
        if (several && !l.label.empty())
            report("a line for each of several has their labels, not one of its own", "leave out `label`");
        if (!several && l.label.empty()) report("the line lacks the key 'label'");
        if (!several && l.largest > 0) report("`largest` chooses among several lines", "it goes with `of` or `each`");
        if (l.life_table && (!l.per.empty() || l.statistic)) report("`life_table` goes without `per` and `statistic`");
        if (l.growth && (!l.per.empty() || l.statistic || l.largest > 0))
            report("`growth` goes without `per`, `statistic` and `largest`");
        if (l.statistic && (!l.per.empty() || l.measure.size() != 1))
            report("`statistic` is of one measure, without `per`");
    });

    using Section = SummarySectionEntry;
    Schema<Section> section("section",
                            "Lines under a heading. Sections of several entries with the same heading are joined.");
    section.required("heading", &Section::heading, text(), "Heading.", "People on 1 January");
    section.optional("per_1000", &Section::per_1000, located(name()),
                     "Also show the first and the last number per 1,000 of this measure.", "population");
    section.required("lines", &Section::lines, list_of(object(line), 1), "The lines.");
    section.optional("notes", &Section::notes, list_or_single(text()),
                     "What must be known about the numbers; printed below.");
    return section;
}

void join(const std::vector<SummarySectionEntry>& from, std::vector<SummarySectionEntry>& to) {
    for (const auto& section : from) {
        const auto same =
            std::find_if(to.begin(), to.end(), [&](const auto& other) { return other.heading == section.heading; });
        if (same == to.end()) {
            to.push_back(section);
            continue;
        }
        same->lines.insert(same->lines.end(), section.lines.begin(), section.lines.end());
        same->notes.insert(same->notes.end(), section.notes.begin(), section.notes.end());
        if (!same->per_1000) same->per_1000 = section.per_1000;
    }
}

}  // namespace proeftuin::outcome

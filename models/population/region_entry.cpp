#include "models/population/region_entry.hpp"

namespace proeftuin::population {
namespace {

Schema<TableEntry> table_schema(std::string name, std::string doc) {
    Schema<TableEntry> s(std::move(name), std::move(doc));
    s.required("file", &TableEntry::file, located(text()), "CSV file, relative to this file", "tables/people.csv");
    s.optional("by", &TableEntry::by,
               list_or_single(one_of({"municipality", "neighbourhood", "sex", "age", "position", "size"})),
               "columns that say which people a row is about; ages as `7`, `15-24` or `65+`, several places in the "
               "household as `couple+child`",
               "[municipality, sex, age]");
    s.optional("column", &TableEntry::column, located(text()), "column of the numbers", "people");
    s.optional("only", &TableEntry::only, map_of(text()), "reads only the rows with these texts in these columns",
               "{ year: 2013 }");
    s.optional("source", &TableEntry::source, text(), "key of the source, or `assumption`", "cbs_7461bev");
    s.optional("why", &TableEntry::why, text(), "why the numbers may stand here; needed for an assumption");
    s.place(&TableEntry::place);
    return s;
}

Schema<TableEntry> margin_schema() {
    auto s = table_schema("margin", "Totals that the people of the region must show.");
    s.optional("scaled", &TableEntry::scaled, boolean(),
               "whether the numbers give way to the margins before this one where they speak of the same people (their "
               "shares count, not their level); without it a difference is an error",
               "true")
        .default_is("false");
    return s;
}

Schema<GradientEntry> gradient_schema() {
    Schema<GradientEntry> s("gradient", "How much likelier categories are in some groups than on average.");
    s.required("by", &GradientEntry::by, located(text()),
               "an attribute above this one, or `neighbourhood_ses` for the column ses of the neighbourhoods",
               "education");
    s.required("ratios", &GradientEntry::ratios, map_of(map_of(number(0.0, 1000.0))),
               "group, category, ratio to the average of the same sex and age; 1 when not given. Categories without "
               "any ratio take what is left",
               "{ low: { current: 1.35 } }");
    s.optional("source", &GradientEntry::source, text(), "key of the source, or `assumption`");
    s.optional("why", &GradientEntry::why, text(), "why the numbers may stand here; needed for an assumption");
    s.place(&GradientEntry::place);
    return s;
}

Schema<TotalsEntry> totals_schema() {
    Schema<TotalsEntry> s("totals", "Shares of categories that each municipality must show.");
    s.required("file", &TotalsEntry::file, located(text()),
               "CSV file with the column municipality and one per category; `q1+q2` is two categories together");
    s.optional("ages", &TotalsEntry::ages, located(text()), "age class that the shares are of; all when not given",
               "18+");
    s.optional("source", &TotalsEntry::source, text(), "key of the source, or `assumption`");
    s.optional("why", &TotalsEntry::why, text(), "why the numbers may stand here; needed for an assumption");
    s.place(&TotalsEntry::place);
    return s;
}

Schema<BmiEntry> value_schema() {
    Schema<BmiEntry> s("value",
                       "The attribute is a number: lognormal in adults, with the classes' shares of the same sex "
                       "and age; normal in children, with a mean and a standard deviation.");
    s.required("bounds", &BmiEntry::bounds, list_of(number(), 1), "values between the classes, rising", "[25, 30]");
    s.required("lowest", &BmiEntry::lowest, number(), "no value below this", "14");
    s.required("highest", &BmiEntry::highest, number(), "no value above this", "60");
    s.required("children", &BmiEntry::children, object(table_schema("children", "Columns mean and sd by sex and age.")),
               "mean and standard deviation of children");
    s.optional("adults_from", &BmiEntry::adults_from, number(0.0, 120.0), "age from which the classes' bounds hold")
        .default_is("18");
    s.place(&BmiEntry::place);
    return s;
}

Schema<RegionAttributeEntry> attribute_schema() {
    Schema<RegionAttributeEntry> s("attribute", "An attribute of the people, drawn so that its shares hold.");
    s.optional("doc", &RegionAttributeEntry::doc, text(), "what it means");
    s.required("categories", &RegionAttributeEntry::categories, list_of(located(name()), 2), "its categories",
               "[never, former, current]");
    s.optional("of", &RegionAttributeEntry::of, one_of({"people", "households"}),
               "what has it; the members of a household share it, and its gradients see the highest education in it")
        .default_is("people");
    s.optional("shares", &RegionAttributeEntry::shares,
               object(table_schema("shares",
                                   "Shares of the categories by sex and age, one column each; one category may have "
                                   "no column and takes the rest.")),
               "national shares by sex and age; equal shares when not given");
    s.optional("gradients", &RegionAttributeEntry::gradients, list_of(object(gradient_schema())),
               "differences between groups");
    s.optional("totals", &RegionAttributeEntry::totals, list_of(object(totals_schema())), "shares by municipality");
    s.optional("value", &RegionAttributeEntry::value, object(value_schema()),
               "makes it a number drawn within its category");
    s.optional("unit", &RegionAttributeEntry::unit, text(), "unit of the number", "kg/m2");
    s.place(&RegionAttributeEntry::place);
    return s;
}

Schema<HouseholdEntry> household_schema() {
    Schema<HouseholdEntry> s("households", "How people are put together in households.");
    s.required("sizes", &HouseholdEntry::sizes,
               object(table_schema("sizes", "Private households by municipality and size.")),
               "gives how many families with two children have a third; compared with the result",
               "{ file: tables/household_size.csv, source: cbs_households }");
    s.optional("first_child_mean", &HouseholdEntry::first_child_mean, number(15.0, 45.0),
               "mean age of the mother at the birth of the oldest child at home")
        .default_is("29")
        .unit_is("year");
    s.optional("first_child_sd", &HouseholdEntry::first_child_sd, number(0.0, 15.0), "its standard deviation")
        .default_is("4.3")
        .unit_is("year");
    s.optional("sibling_gap_mean", &HouseholdEntry::sibling_gap_mean, number(0.0, 10.0),
               "mean time between brothers and sisters")
        .default_is("2.6")
        .unit_is("year");
    s.optional("sibling_gap_sd", &HouseholdEntry::sibling_gap_sd, number(0.0, 10.0), "its standard deviation")
        .default_is("1.2")
        .unit_is("year");
    s.optional("partner_gap_mean", &HouseholdEntry::partner_gap_mean, number(-10.0, 10.0),
               "mean age of the man minus that of the woman")
        .default_is("2.2")
        .unit_is("year");
    s.optional("partner_gap_sd", &HouseholdEntry::partner_gap_sd, number(0.0, 20.0), "its standard deviation")
        .default_is("3.5")
        .unit_is("year");
    s.optional("source", &HouseholdEntry::source, text(), "key of the source, or `assumption`");
    s.optional("why", &HouseholdEntry::why, text(), "why the numbers may stand here; needed for an assumption");
    s.place(&HouseholdEntry::place);
    return s;
}

}  // namespace

Schema<RegionEntry> region_schema() {
    Schema<RegionEntry> s("region", "The area simulated: its neighbourhoods and the people of its start population.");
    s.entry_kind("region");
    s.optional("format", &RegionEntry::format, integer(1, 1), "format of the file").default_is("1");
    s.required("region", &RegionEntry::name, name(), "name of the region", "leiden_2013");
    s.optional("doc", &RegionEntry::doc, text(), "what it is");
    s.required("people", &RegionEntry::people, located(number(1.0, 1e9)),
               "number of people; all margins are scaled to it", "170000");
    s.optional("sample", &RegionEntry::sample, integer(1, 100'000'000),
               "people simulated unless a run says otherwise; each stands for people / sample", "1000000")
        .default_is("everybody");
    s.required("year", &RegionEntry::year, integer(1900, 2200), "the people are those of 1 January of this year",
               "2013");
    s.optional("assumptions", &RegionEntry::assumptions, map_of(text()), "assumptions by name, for `why`");
    s.required("neighbourhoods", &RegionEntry::neighbourhoods,
               object(table_schema("neighbourhoods",
                                   "Columns neighbourhood and municipality; postcode, name and ses as wanted.")),
               "the neighbourhoods and the municipality each lies in",
               "{ file: tables/neighbourhoods.csv, source: cbs_pc4_2022 }");
    s.optional(
        "seed", &RegionEntry::seed,
        list_of(object(table_schema("seed", "Weights or odds of combinations; combinations without a row have 1."))),
        "where fitting starts: what the margins do not say keeps the odds of the seed");
    s.required("margins", &RegionEntry::margins, map_of(object(margin_schema())),
               "totals to be met, those trusted most first; the first is over all people and sets the level",
               "{ population: { by: [sex, age], file: tables/people.csv, source: cbs_population } }");
    s.required("households", &RegionEntry::households, object(household_schema()), "how households are made",
               "{ sizes: { file: tables/household_size.csv, source: cbs_households } }");
    s.optional("attributes", &RegionEntry::attributes, map_of(object(attribute_schema())),
               "further attributes, in the order in which they are drawn");
    s.place(&RegionEntry::place);
    return s;
}

}  // namespace proeftuin::population

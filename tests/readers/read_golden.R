# Reads the golden results file with one R package, directly and through our helper.
arguments <- commandArgs(trailingOnly = TRUE)
reader <- arguments[1]
path <- arguments[2]
if (!requireNamespace(reader, quietly = TRUE)) stop("missing reader: R package ", reader)
check <- function(found, expected, what) {
  if (!isTRUE(all.equal(found, expected, tolerance = 0, check.attributes = FALSE)))
    stop(reader, ": ", what, " is ", deparse(found), ", not ", deparse(expected))
}

if (reader == "rhdf5") {
  cost <- rhdf5::h5read(path, "results/usual_care/cost")
  labels <- as.character(rhdf5::h5read(path, "results/usual_care/age_band"))
} else if (reader == "ncdf4") {
  file <- ncdf4::nc_open(path)
  cost <- ncdf4::ncvar_get(file, "results/usual_care/cost", raw_datavals = TRUE)
  labels <- as.character(ncdf4::ncvar_get(file, "results/usual_care/age_band"))
  check(ncdf4::ncatt_get(file, "results/usual_care/cost", "currency")$value, "EUR", "currency")
  check(as.numeric(ncdf4::ncvar_get(file, "persons/usual_care/age")), c(1.5, 80.25, 44), "age of people")
  ncdf4::nc_close(file)
} else {
  file <- hdf5r::H5File$new(path, mode = "r")
  cost <- file[["results/usual_care/cost"]]$read()
  labels <- file[["results/usual_care/age_band"]]$read()
  file$close_all()
}
check(dim(cost), c(3L, 2L, 3L), "shape of cost")
check(cost[3, 2, 2], 1102, "cost")
check(is.nan(cost[1, 1, 1]), TRUE, "cost of the first cell")
Encoding(labels) <- "UTF-8"
check(labels, c("0 tot 20", "20-45", "\u2265 45"), "labels")
if (reader == "ncdf4") quit(status = 0)  # the helper reads with the other two

source(arguments[3])
file <- open_results(path)
file$package <- reader
check(file$scenarios, c("usual_care", "substitution"), "scenarios")
check(sort(measure_names(file, "usual_care")), c("cost", "deaths_per_year", "people_at_start", "sex"), "measures")
cost <- read_measure(file, "usual_care", "cost")
check(dim(cost), c(3L, 2L, 3L), "shape of cost")
check(cost["2014", "man", "20-45"], 1101, "cost by label")
check(attr(cost, "unit"), "EUR", "unit")
check(read_measure(file, "usual_care", "people_at_start"), 1234, "people_at_start")
check(read_measure(file, "usual_care", "deaths_per_year")[["2014"]], 0.1 + 0.2, "deaths_per_year")
people <- read_persons(file, "usual_care")
check(as.character(people$smoking), c("has stopped", "never", "former"), "smoking")
check(people$age, c(1.5, 80.25, 44), "age")
panel <- read_panel(file, "usual_care")
check(as.character(panel$life), c("alive", "alive", "dead"), "life of the panel")
check(as.numeric(panel$year), c(2013, 2013, 2014), "year of the panel")
said <- function(call) tryCatch({ call; "nothing" }, error = conditionMessage)
check(grepl("it has usual_care, substitution", said(read_measure(file, "usual", "cost"))), TRUE, "an unknown scenario")
check(grepl("has no measure 'costs'", said(read_measure(file, "usual_care", "costs"))), TRUE, "an unknown measure")
check(grepl("no such `record`", said(read_panel(file, "substitution"))), TRUE, "a panel that is not there")
check(grepl("there is no file", said(open_results("nowhere.h5"))), TRUE, "a file that is not there")
cat(reader, "reads the golden file\n")

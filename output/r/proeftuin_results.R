# Open a Proeftuin results file in R (package rhdf5 or hdf5r). One file: source() it.
#
#   source("proeftuin_results.R")
#   file <- open_results("run.h5")
#   file$scenarios
#   cost <- read_measure(file, "usual_care", "cost")   # an array with dimnames, first axis first
#   as.data.frame(as.table(cost), responseName = "cost")
#   read_persons(file, "usual_care")                   # a data frame, categories as factors
#   read_panel(file, "usual_care")                     # the same, with a row per person and year

open_results <- function(path) {
  if (!file.exists(path)) stop("there is no file ", path)
  package <- Find(function(p) requireNamespace(p, quietly = TRUE), c("rhdf5", "hdf5r"))
  if (is.null(package)) stop("install rhdf5 or hdf5r to read results files")
  file <- list(path = path, package = package)
  root <- .attributes(file, "/")
  if (!identical(as.character(root$filetype), "proeftuin results")) stop(path, " is not a Proeftuin results file")
  if (!identical(as.character(root$status), "complete")) stop(path, " is not complete: status ", root$status)
  if (root$format_version[1] != 1) stop(path, " has format ", root$format_version[1], "; this reads 1.x")
  file$scenarios <- as.character(root$scenarios)
  file$content_digest <- as.character(root$content_digest)
  file
}

measure_names <- function(file, scenario) {
  .check(file, scenario)
  names <- .children(file, paste0("results/", scenario))
  Filter(function(n) identical(as.character(.attributes(file, paste0("results/", scenario, "/", n))$role), "measure"),
         names)
}

# R stores the first axis fastest, HDF5 the last: the readers turn the axes round, this turns them back.
read_measure <- function(file, scenario, measure) {
  .check(file, scenario)
  if (!(measure %in% .children(file, paste0("results/", scenario))))
    stop(file$path, " has no measure '", measure, "': measure_names(file, \"", scenario, "\") lists them")
  path <- paste0("results/", scenario, "/", measure)
  values <- .read(file, path)
  scales <- .scales(file, path)
  if (length(scales) == 0) return(as.numeric(values))
  labels <- lapply(scales, function(s) as.character(.read(file, s)))
  names(labels) <- basename(scales)
  values <- array(values, dim = rev(lengths(labels)))
  values <- aperm(values, rev(seq_along(scales)))
  dimnames(values) <- labels
  attr(values, "unit") <- as.character(.attributes(file, path)$unit)
  values
}

read_persons <- function(file, scenario) .people(file, "persons", scenario)

read_panel <- function(file, scenario) .people(file, "panel", scenario)

.check <- function(file, scenario) {
  if (!(scenario %in% file$scenarios))
    stop(file$path, " has no scenario '", scenario, "': it has ", paste(file$scenarios, collapse = ", "))
}

.people <- function(file, kind, scenario) {
  .check(file, scenario)
  group <- paste0(kind, "/", scenario)
  names <- .children(file, group)
  if (length(names) == 0)
    stop(file$path, " has no people of '", scenario, "' in ", kind, ": its scenario has no such `record`")
  columns <- names[!grepl("__labels$", names)]
  people <- lapply(columns, function(name) {
    values <- as.vector(.read(file, paste0(group, "/", name)))
    labels <- paste0(name, "__labels")
    if (!(labels %in% names)) return(values)
    texts <- as.character(.read(file, paste0(group, "/", labels)))
    factor(texts[as.integer(values) + 1], levels = texts)
  })
  names(people) <- columns
  as.data.frame(people, check.names = FALSE)
}

.read <- function(file, path) {
  if (file$package == "rhdf5") return(rhdf5::h5read(file$path, path, bit64conversion = "double"))
  handle <- hdf5r::H5File$new(file$path, mode = "r")
  on.exit(handle$close_all())
  handle[[path]]$read()
}

.attributes <- function(file, path) {
  # rhdf5 warns of each reference to an axis, which it cannot read; nothing here needs them.
  if (file$package == "rhdf5")
    return(suppressWarnings(rhdf5::h5readAttributes(file$path, path, bit64conversion = "double")))
  handle <- hdf5r::H5File$new(file$path, mode = "r")
  on.exit(handle$close_all())
  hdf5r::h5attributes(if (path == "/") handle else handle[[path]])
}

.children <- function(file, group) {
  if (file$package == "rhdf5") {
    all <- rhdf5::h5ls(file$path)
    return(all$name[all$group == paste0("/", group)])
  }
  handle <- hdf5r::H5File$new(file$path, mode = "r")
  on.exit(handle$close_all())
  tryCatch(names(handle[[group]]), error = function(e) character(0))
}

# Paths of the axes. The attribute `dimensions` repeats, in order, what the HDF5 references say.
.scales <- function(file, path) {
  axes <- .attributes(file, path)$dimensions
  if (is.null(axes)) return(character(0))
  paste0(dirname(path), "/", strsplit(as.character(axes), " ")[[1]])
}

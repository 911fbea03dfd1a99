# Expected values for tests/stats/test_estimates.py and tests/stats/test_comparisons.py, by base R alone.
# Made with R 4.2.2. From the project's root: Rscript tests/stats/r/yardstick.R [where to write]
#
# Datasets: "reference" is the wave as exported, read and recoded here, not by our code;
# "awkward" (small and zero cells, ties, unequal spread) and "large" are invented, in
# tables.csv and numbers.csv beside this file; "grid" is a set of counts and bases.

output <- c(commandArgs(trailingOnly = TRUE), "tests/stats/r/expected.csv")[1]
lines <- character()
options(scipen = 20)

put <- function(dataset, statistic, key, value) {
  text <- sprintf("%s,%s,%s,%s", dataset, statistic, key, sprintf("%.17g", as.numeric(value)))
  lines <<- c(lines, text)
}

# --- one group ------------------------------------------------------------------------------

wilson <- function(n, base, confidence = 0.95) {
  suppressWarnings(as.numeric(prop.test(n, base, conf.level = confidence, correct = FALSE)$conf.int))
}

put_share <- function(dataset, key, n, base) {
  interval <- wilson(n, base)
  put(dataset, "n", key, n)
  put(dataset, "base", key, base)
  put(dataset, "share", key, n / base)
  put(dataset, "low", key, interval[1])
  put(dataset, "high", key, interval[2])
}

put_mean <- function(dataset, key, x) {
  put(dataset, "base", key, length(x))
  put(dataset, "mean", key, mean(x))
  put(dataset, "sd", key, sd(x))
  if (sd(x) > 0) {
    interval <- t.test(x)$conf.int
    put(dataset, "low", key, interval[1])
    put(dataset, "high", key, interval[2])
  }
}

# --- comparisons ----------------------------------------------------------------------------

# Steiger (2004): the noncentralities at which the observed chi-square is just not extreme.
cramers_v <- function(statistic, n, rows, columns) {
  df <- (rows - 1) * (columns - 1)
  scale <- n * (min(rows, columns) - 1)
  noncentrality <- function(tail) {
    if (pchisq(statistic, df) < tail) return(0)
    uniroot(function(ncp) pchisq(statistic, df, ncp) - tail, c(0, 5 * statistic + 200), tol = 1e-13, maxiter = 10000)$root
  }
  pmin(1, sqrt(c(statistic, noncentrality(0.975), noncentrality(0.025)) / scale))
}

put_association <- function(dataset, key, counts) {
  counts <- counts[rowSums(counts) > 0, colSums(counts) > 0, drop = FALSE]
  test <- suppressWarnings(chisq.test(counts, correct = FALSE))
  small <- mean(test$expected < 5) > 0.2 || min(test$expected) < 1
  v <- cramers_v(unname(test$statistic), sum(counts), nrow(counts), ncol(counts))
  put(dataset, "small", key, small)
  put(dataset, "base", key, sum(counts))
  put(dataset, "chi_square", key, test$statistic)
  put(dataset, "df", key, test$parameter)
  put(dataset, "chi_square_p", key, test$p.value)
  if (small) put(dataset, "fisher_p", key, fisher.test(counts, workspace = 2e7)$p.value)
  put(dataset, "v", key, v[1])
  put(dataset, "v_low", key, v[2])
  put(dataset, "v_high", key, v[3])
  if (small) fisher.test(counts, workspace = 2e7)$p.value else test$p.value
}

# Newcombe (1998), method 10: two Wilson intervals put together.
put_difference_in_shares <- function(dataset, key, n1, base1, n2, base2) {
  p1 <- n1 / base1
  p2 <- n2 / base2
  one <- wilson(n1, base1)
  two <- wilson(n2, base2)
  counts <- matrix(c(n1, base1 - n1, n2, base2 - n2), 2)
  test <- suppressWarnings(chisq.test(counts, correct = FALSE))
  small <- min(test$expected) < 5
  put(dataset, "small", key, small)
  put(dataset, "base", key, base1 + base2)
  put(dataset, "chi_square", key, test$statistic)
  put(dataset, "p", key, if (small) fisher.test(counts)$p.value else test$p.value)
  put(dataset, "difference", key, p1 - p2)
  put(dataset, "low", key, p1 - p2 - sqrt((p1 - one[1])^2 + (two[2] - p2)^2))
  put(dataset, "high", key, p1 - p2 + sqrt((one[2] - p1)^2 + (p2 - two[1])^2))
}

# Hedges (1981), in units of both groups' mean spread (Delacre and others 2021). The ends are those noncentralities at
# which Welch's t is just not extreme, on the scale of g.
put_difference_in_means <- function(dataset, key, x, y) {
  test <- t.test(x, y)
  t <- unname(test$statistic)
  nu <- unname(test$parameter)
  spread <- sqrt((var(x) + var(y)) / 2)
  per_t <- sqrt(var(x) / length(x) + var(y) / length(y)) / spread
  small <- exp(lgamma(nu / 2) - log(sqrt(nu / 2)) - lgamma((nu - 1) / 2))
  end <- function(tail) {
    uniroot(function(ncp) suppressWarnings(pt(t, nu, ncp)) - tail, c(-1, 1) * (4 * abs(t) + 8), tol = 1e-13)$root
  }
  put(dataset, "base", key, length(x) + length(y))
  put(dataset, "t", key, test$statistic)
  put(dataset, "df", key, test$parameter)
  put(dataset, "p", key, test$p.value)
  put(dataset, "difference", key, mean(x) - mean(y))
  put(dataset, "difference_low", key, test$conf.int[1])
  put(dataset, "difference_high", key, test$conf.int[2])
  put(dataset, "g", key, small * per_t * t)
  put(dataset, "g_low", key, small * per_t * end(0.975))
  put(dataset, "g_high", key, small * per_t * end(0.025))
}

# --- a grid of counts and bases, at three confidences ---------------------------------------

for (confidence in c(0.8, 0.95, 0.99)) {
  for (base in c(1, 2, 3, 7, 30, 41, 294, 771, 12345, 500000)) {
    for (n in unique(c(0, 1, base %/% 3, base - 1, base))) {
      interval <- wilson(n, base, confidence)
      put("grid", "low", paste(n, base, confidence), interval[1])
      put("grid", "high", paste(n, base, confidence), interval[2])
    }
  }
}

# --- Holm -----------------------------------------------------------------------------------

families <- list(
  plain = c(0.01, 0.04, 0.03, 0.005),
  tied = c(0.02, 0.02, 0.02, 0.5, 0.5),
  ends = c(1, 0, 0.9, 1e-300, 0.25),
  alone = 0.03,
  one_missing = c(0.01, NA, 0.04)
)
for (name in names(families)) {
  holm <- p.adjust(families[[name]], method = "holm")
  for (i in seq_along(holm)) {
    if (is.na(holm[i])) next
    put("holm", "p", paste(name, i), families[[name]][i])
    put("holm", "p_holm", paste(name, i), holm[i])
  }
}

# --- the invented tables and numbers --------------------------------------------------------

tables <- read.csv("tests/stats/r/tables.csv", stringsAsFactors = FALSE)
for (name in unique(paste(tables$dataset, tables$table))) {
  cells <- tables[paste(tables$dataset, tables$table) == name, ]
  dataset <- cells$dataset[1]
  key <- cells$table[1]
  counts <- xtabs(n ~ answer + group, cells)
  put_association(dataset, key, counts)
  for (group in colnames(counts)) {
    for (answer in rownames(counts)) {
      base <- sum(counts[, group])
      if (base > 0) put_share(dataset, paste(key, answer, group), counts[answer, group], base)
    }
  }
  if (all(colSums(counts)[1:2] > 0) && sum(counts[1, 1:2]) > 0) {
    n <- counts[1, 1:2]
    base <- colSums(counts)[1:2]
    put_difference_in_shares(dataset, paste(key, "g1-g2"), n[1], base[1], n[2], base[2])
  }
}

numbers <- read.csv("tests/stats/r/numbers.csv", stringsAsFactors = FALSE)
for (name in unique(paste(numbers$dataset, numbers$numbers))) {
  rows <- numbers[paste(numbers$dataset, numbers$numbers) == name, ]
  groups <- lapply(split(rows, rows$group), function(r) rep(r$number, r$n))
  key <- rows$numbers[1]
  for (group in names(groups)) put_mean(rows$dataset[1], paste(key, group), groups[[group]])
  put_difference_in_means(rows$dataset[1], paste(key, "g1-g2"), groups$g1, groups$g2)
}

# --- the reference wave, as exported --------------------------------------------------------

wave <- read.csv("data/waves/2025-reference/responses.csv", colClasses = "character", na.strings = "")
wave <- wave[wave$q01 != "c", ]
wave$q23 <- as.numeric(wave$q23)
wave$user <- ifelse(wave$q03 == "a", "yes", "no")
wave$helped <- ifelse(wave$q09 == "b", "no", "yes")
wave$care <- c(a = "now", b = "waiting", c = "neither", d = "neither")[wave$q02]
wave$age_group <- as.character(cut(wave$q23, c(11, 29, 44, 59, 110), c("under_30", "30_44", "45_59", "60_over")))
wave$education <- c(a = "lower", b = "lower", c = "lower", d = "middle", e = "higher", f = "higher", g = "higher")[wave$q25]

for (column in c("q02", "q03", "q05", "q09", "q20", "q24", "q25", "user", "care", "age_group", "q14_1", "q14_8", "q14_12")) {
  given <- wave[[column]][!is.na(wave[[column]])]
  for (answer in sort(unique(given))) put_share("reference", paste(column, answer), sum(given == answer), length(given))
}
for (question in c("q04", "q06", "q10", "q12", "q13", "q16", "q21", "q22")) {
  boxes <- wave[, grepl(paste0("^", question, "_[a-z]$"), names(wave))]
  boxes <- boxes[rowSums(boxes == "1", na.rm = TRUE) > 0, ]
  for (box in names(boxes)) put_share("reference", sub("_", " ", box), sum(boxes[[box]] == "1"), nrow(boxes))
}
for (group in unique(wave$care)) {
  given <- wave$user[wave$care == group]
  put_share("reference", paste0("user yes care=", group), sum(given == "yes"), length(given))
}

put_mean("reference", "q23", wave$q23)
for (group in c("yes", "no")) put_mean("reference", paste0("q23 user=", group), wave$q23[wave$user == group])
for (group in unique(wave$care)) put_mean("reference", paste0("q23 care=", group), wave$q23[wave$care == group])
put_difference_in_means("reference", "q23 user yes-no", wave$q23[wave$user == "yes"], wave$q23[wave$user == "no"])
put_difference_in_means("reference", "q23 care waiting-now", wave$q23[wave$care == "waiting"], wave$q23[wave$care == "now"])

family <- c("care", "q02", "age_group", "q24", "q25", "education", "q20")
p <- sapply(family, function(by) put_association("reference", paste("user", by), table(wave$user, wave[[by]])))
for (i in seq_along(family)) if (family[i] != "q25") put("reference", "p", paste("user", family[i]), p[i])
holm <- p.adjust(p[family != "q25"], method = "holm")
for (by in names(holm)) put("reference", "p_holm", paste("user", by), holm[by])

compare <- function(key, given, group, first, second) {
  count <- function(g) sum(given[group %in% g], na.rm = TRUE)
  base <- function(g) sum(!is.na(given[group %in% g]))
  put_difference_in_shares("reference", key, count(first), base(first), count(second), base(second))
}
compare("user yes q02 b-a", wave$user == "yes", wave$q02, "b", "a")
compare("q20 a|c user yes-no", wave$q20 %in% c("a", "c"), wave$user, "yes", "no")
compare("q14_1 4|5 helped yes-no", ifelse(is.na(wave$q14_1), NA, wave$q14_1 %in% c("4", "5")), wave$helped, "yes", "no")
boxes <- wave[, grepl("^q06_[a-z]$", names(wave))]
either <- boxes$q06_b == "1" | boxes$q06_d == "1"
either[!(rowSums(boxes == "1", na.rm = TRUE) > 0)] <- NA
put_share("reference", "q06 b|d", sum(either, na.rm = TRUE), sum(!is.na(either)))
compare("q06 b|d helped yes-no", either, wave$helped, "yes", "no")

writeLines(c("dataset,statistic,key,value", lines), output)

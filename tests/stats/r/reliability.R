# The NCHS standard for proportions (Parker et al. 2017, table on page 2), for tests/stats/test_reliability.py,
# by base R alone. Made with R 4.2.2. From the project's root: Rscript tests/stats/r/reliability.R [where to write]
#
# A line a design effect and base; behind them a letter for each count from 0 to the base:
#   s base or effective base under 30   w 30 points or wider   r wider than 130% of the share
#   z nobody or everybody, for review   c only the complement is wider than 130%   p can be presented

output <- c(commandArgs(trailingOnly = TRUE), "tests/stats/r/reliability.csv")[1]

# Clopper and Pearson by R's own test; with a design effect by quantiles of F, as Korn and Graubard write it.
width <- function(n, base, effective) {
  if (effective == base) return(diff(as.numeric(binom.test(n, base)$conf.int)))
  x <- n / base * effective
  a <- x * qf(0.025, 2 * x, 2 * (effective - x + 1))
  b <- (x + 1) * qf(0.975, 2 * (x + 1), 2 * (effective - x))
  b / (effective - x + b) - a / (effective - x + 1 + a)
}

letter <- function(n, base, design_effect) {
  ends <- n == 0 || n == base
  effective <- if (ends) base else min(base, base / design_effect)
  if (min(base, effective) < 30) return("s")
  ciw <- width(n, base, effective)
  p <- n / base
  if (ciw >= 0.30) return("w")
  if (ends) return("z")
  if (ciw <= 0.05) return("p")
  if (100 * ciw / p > 130) return("r")
  if (100 * ciw / (1 - p) > 130) return("c")
  "p"
}

line <- function(base, design_effect) {
  letters <- vapply(0:base, letter, "", base = base, design_effect = design_effect)
  paste(design_effect, base, paste(letters, collapse = ""), sep = ",")
}

plain <- c(1:150, 200, 272, 294, 412, 477, 771, 804, 1500)
spread <- c(29, 30, 41, 45, 61, 90, 145, 294, 771)
lines <- c(
  vapply(plain, line, "", design_effect = 1),
  vapply(spread, line, "", design_effect = 0.8),
  vapply(spread, line, "", design_effect = 1.5),
  vapply(spread, line, "", design_effect = 2.5)
)
writeLines(c("design_effect,base,verdicts", lines), output)

# Logistic regression of use in R, for tests/stats/test_models.py. Run from the project's root:
#   Rscript tests/stats/r/logistic.R > tests/stats/r/logistic.csv          (made with R 4.2.2)
d <- read.csv("data/waves/2025-reference/responses.csv", colClasses = "character")
d <- d[d$q01 != "c", ]
y <- as.integer(d$q03 == "a")
age <- as.numeric(d$q23) / 10
care <- factor(ifelse(d$q02 == "a", "now", ifelse(d$q02 == "b", "waiting", "neither")), c("now", "waiting", "neither"))
gender <- factor(d$q24, c("a", "b", "c", "d"))
education <- factor(ifelse(d$q25 %in% c("a", "b", "c"), "lower", ifelse(d$q25 == "d", "middle", "higher")),
                    c("lower", "middle", "higher"))
m <- glm(y ~ age + care + gender + education, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
s <- summary(m)$coefficients
z <- qnorm(.975)
out <- function(key, what, value) cat(sprintf("%s,%s,%.17g\n", key, what, value))
cat("key,what,value\n")
names <- c(age = "q23", carewaiting = "care=waiting", careneither = "care=neither", genderb = "q24=b", genderc = "q24=c",
           genderd = "q24=d", educationmiddle = "education=middle", educationhigher = "education=higher")
p <- plogis(predict(m))
X <- model.matrix(m)
# the share that would say yes if everybody were in one group, and its slope, for any coefficients: the people
# themselves are changed, and R makes the columns of the model of them anew
as_if <- function(v, level) {
  people <- model.frame(m)
  if (!is.null(level)) people[[v]] <- factor(level, levels(people[[v]]))
  model.matrix(formula(m), people)
}
share <- function(b, v, level) mean(plogis(as_if(v, level) %*% b))
slopes <- function(f, b, h = 1e-5) sapply(seq_along(b), function(i) {
  up <- down <- b; up[i] <- b[i] + h; down[i] <- b[i] - h; (f(up) - f(down)) / (2 * h)
})
for (n in names(names)) {
  b <- s[n, 1]; se <- s[n, 2]
  out(names[n], "odds_ratio", exp(b)); out(names[n], "low", exp(b - z * se)); out(names[n], "high", exp(b + z * se))
  out(names[n], "p", s[n, 4])
  if (n == "age") {
    f <- function(b) mean(dlogis(X %*% b)) * b[["age"]]
  } else {
    v <- names(which(sapply(names(m$xlevels), function(v) startsWith(n, v))))
    level <- sub(v, "", n)
    f <- function(b) share(b, v, level) - share(b, v, m$xlevels[[v]][1])
  }
  effect <- f(coef(m)); slope <- slopes(f, coef(m))
  half <- z * sqrt(c(slope %*% vcov(m) %*% slope)) # delta method
  out(names[n], "effect", effect); out(names[n], "effect_low", effect - half); out(names[n], "effect_high", effect + half)
}
lr <- m$null.deviance - m$deviance
out("model", "likelihood_ratio", lr); out("model", "mcfadden", 1 - m$deviance / m$null.deviance)
r <- rank(round(p, 10)); n1 <- sum(y); out("model", "roc_area", (sum(r[y == 1]) - n1 * (n1 + 1) / 2) / (n1 * sum(1 - y)))
vif <- sapply(2:ncol(X), function(i) 1 / (1 - summary(lm(X[, i] ~ X[, -c(1, i)]))$r.squared))
out("model", "inflation", max(vif))
tenth <- cut(round(p, 10), unique(quantile(round(p, 10), seq(0, 1, .1))), include.lowest = TRUE)
size <- tapply(y, tenth, length); mean_p <- tapply(p, tenth, mean)
out("model", "hosmer_lemeshow", sum((tapply(y, tenth, sum) - size * mean_p)^2 / (size * mean_p * (1 - mean_p))))

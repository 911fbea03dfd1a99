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
for (n in names(names)) {
  b <- s[n, 1]; se <- s[n, 2]
  out(names[n], "odds_ratio", exp(b)); out(names[n], "low", exp(b - z * se)); out(names[n], "high", exp(b + z * se))
  out(names[n], "p", s[n, 4])
  if (n == "age") {
    effect <- mean(p * (1 - p) * b)
    slope <- colMeans(p * (1 - p) * ((1 - 2 * p) * b * X + rep(1, nrow(X)) %o% (colnames(X) == n)))
  } else {
    one <- X; one[, n] <- 1; zero <- X; zero[, n] <- 0
    effect <- mean(plogis(one %*% coef(m)) - plogis(zero %*% coef(m)))
    slope <- colMeans(c(dlogis(one %*% coef(m))) * one - c(dlogis(zero %*% coef(m))) * zero)
  }
  half <- z * sqrt(c(slope %*% vcov(m) %*% slope)) # delta method
  out(names[n], "effect", effect); out(names[n], "effect_low", effect - half); out(names[n], "effect_high", effect + half)
}
lr <- m$null.deviance - m$deviance
out("model", "likelihood_ratio", lr); out("model", "mcfadden", 1 - m$deviance / m$null.deviance)
r <- rank(round(p, 10)); n1 <- sum(y); out("model", "roc_area", (sum(r[y == 1]) - n1 * (n1 + 1) / 2) / (n1 * sum(1 - y)))
vif <- sapply(2:ncol(X), function(i) 1 / (1 - summary(lm(X[, i] ~ X[, -c(1, i)]))$r.squared))
out("model", "inflation", max(vif))

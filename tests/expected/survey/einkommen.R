# Makes einkommen_*.csv: interval regression of household incomes in brackets, Pareto midpoint of the open top bracket.
# Run in this folder after armut.R: Rscript einkommen.R   (survival of R, for survreg; data_eusilc.csv made by armut.R)
suppressMessages(library(survival))
options(digits = 17)
write <- function(frame, name) {
  for (column in names(frame)) if (is.numeric(frame[[column]])) frame[[column]] <- sapply(frame[[column]], format, digits = 17)
  write.csv(frame, name, row.names = FALSE, quote = FALSE)
}
house <- read.csv("data_eusilc.csv")
house <- house[house$eqIncome > 0 & house$db030 %% 2 == 0, ]
bounds <- c(0, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 3000, 3500, 4000, 5000, Inf)
month <- house$eqIncome * house$eqSS / 12
k <- findInterval(month, bounds)
low <- bounds[k]; high <- bounds[k + 1]
control <- survreg.control(maxiter = 100, rel.tolerance = 1e-14)
s <- Surv(ifelse(low == 0, NA, low), ifelse(is.infinite(high), NA, high), type = "interval2")
fit <- survreg(s ~ n14 + n13, data = house, weights = rb050 / mean(rb050), dist = "lognormal", control = control)
write(data.frame(name = c("konstante", "n14", "n13", "sigma"), value = c(coef(fit), fit$scale)), "einkommen_regression.csv")

# expectation within the bracket by numeric integration; quantile of the cut distribution at fixed shares
mu <- predict(fit, type = "lp"); sd <- fit$scale
pick <- match(unique(paste(k, house$n14)), paste(k, house$n14))
inside <- t(sapply(pick, function(i) {
  p <- plnorm(c(low[i], high[i]), mu[i], sd)
  upper <- if (is.finite(high[i])) high[i] else qlnorm(1e-14, mu[i], sd, lower.tail = FALSE)
  mean <- integrate(function(t) t * dlnorm(t, mu[i], sd), low[i], upper, rel.tol = 1e-12, subdivisions = 1000)$value
  q <- qlnorm(p[1] + c(0.1, 0.5, 0.9) * (p[2] - p[1]), mu[i], sd)
  c(mean / (p[2] - p[1]), q)
}))
write(data.frame(row = pick, n14 = house$n14[pick], n13 = house$n13[pick], low = low[pick], high = high[pick],
                 mean = inside[, 1], q10 = inside[, 2], q50 = inside[, 3], q90 = inside[, 4]), "einkommen_im_intervall.csv")

# Pareto: exponent from the two top brackets, harmonic mean (von Hippel, Scarpino, Holas 2016), by weights
n <- tapply(house$rb050, factor(k, 1:14), sum)
alpha <- log((n[13] + n[14]) / n[14]) / log(5000 / 4000)
harmonic <- 1 / integrate(function(t) 1 / t * alpha * 5000^alpha / t^(alpha + 1), 5000, Inf, rel.tol = 1e-12)$value
write(data.frame(alpha = alpha, mitte = harmonic), "einkommen_pareto.csv")

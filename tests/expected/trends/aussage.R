# Expected values of the trend statement: base R on the published test series of Fingertips.
# fingertips_anteile.csv: counts and expected markers of "WhenUsingTrendMarkerCalculator" (Fingertips, Public Health
#   England, github.com/ukhsa-collaboration/fingertips-open), newest five points each.
# fingertips_intervalle.csv: the example of PHEindicatormethods::assign_trend_markers, and indicator 241 of Fingertips
#   (diabetes prevalence, England) from the tests of github.com/dhsc-govuk/FingertipsNext.
options(digits = 17)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
newest <- function(d) tail(d[order(d$jahr), ], 5)
same_sign <- function(slope, n) length(unique(sign(c(slope(seq_len(n)), sapply(seq_len(n), function(i) slope(-i)))))) == 1

shares <- read.csv(file.path(here, "fingertips_anteile.csv"), colClasses = c(reihe = "character"))
one <- function(d) {
  d <- newest(d)
  test <- suppressWarnings(prop.trend.test(d$zaehler, d$nenner, score = d$jahr))
  p <- d$zaehler / d$nenner
  line <- lm(p ~ jahr, data = d, weights = nenner)
  a <- d$jahr - sum(d$nenner * d$jahr) / sum(d$nenner)
  se <- sqrt(sum(d$nenner * a^2 * p * (1 - p))) / sum(d$nenner * a^2)
  stable <- same_sign(function(i) coef(lm(qlogis(p[i]) ~ d$jahr[i]))[2], nrow(d))
  data.frame(reihe = d$reihe[1], verfahren = "cochran_armitage", chi2 = unname(test$statistic), p = test$p.value,
             steigung = unname(coef(line)[2]), unten = unname(coef(line)[2]) - qnorm(.975) * se,
             oben = unname(coef(line)[2]) + qnorm(.975) * se, stabil = stable)
}
first <- do.call(rbind, lapply(split(shares, shares$reihe), one))

bounded <- read.csv(file.path(here, "fingertips_intervalle.csv"))
two <- function(d) {
  d <- newest(d)
  d$w <- 1 / ((d$oben - d$unten) / 3.92)^2
  line <- lm(wert ~ jahr, data = d, weights = w)
  se <- summary(line)$coefficients[2, 2] / summary(line)$sigma
  chi2 <- unname((coef(line)[2] / se)^2)
  stable <- same_sign(function(i) coef(lm(wert ~ jahr, data = d[i, ], weights = w))[2], nrow(d))
  data.frame(reihe = d$reihe[1], verfahren = "regression", chi2 = chi2, p = pchisq(chi2, 1, lower.tail = FALSE),
             steigung = unname(coef(line)[2]), unten = unname(coef(line)[2]) - qnorm(.975) * se,
             oben = unname(coef(line)[2]) + qnorm(.975) * se, stabil = stable)
}
second <- do.call(rbind, lapply(split(bounded, bounded$reihe), two))
result <- rbind(first, second)
for (column in names(result)) if (is.numeric(result[[column]])) result[[column]] <- sprintf("%.17g", result[[column]])
write.csv(result, file.path(here, "aussage.csv"), row.names = FALSE, quote = FALSE)

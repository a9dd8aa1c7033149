# Expected values of the changes of slope: R segmented (Muggeo) on series of R's package datasets (reihen.csv), with
# one and two changes; ends of the profile interval from lm and uniroot, for 1 and 1.3/0.7 times the variance.
suppressPackageStartupMessages(library(segmented))
options(digits = 17)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
read <- read.csv(file.path(here, "reihen.csv"))
one <- function(name, m) {
  d <- read[read$reihe == name, ]
  d$t <- seq_len(nrow(d)) - 1
  line <- lm(wert ~ t, data = d)
  fit <- segmented(line, seg.Z = ~t, npsi = m, control = seg.control(n.boot = 50, seed = 1, tol = 1e-14, it.max = 200))
  psi <- fit$psi[, "Est."]
  rss <- sum(resid(fit)^2)
  df <- nrow(d) - 2 - 2 * m
  deviance_at <- function(k, at) {
    places <- psi
    places[k] <- at
    bends <- sapply(places, function(p) pmax(d$t - p, 0))
    sum(resid(lm(d$wert ~ d$t + bends))^2)
  }
  end <- function(k, times, from) {
    limit <- rss * (1 + times * qt(.975, df)^2 / df)
    f <- function(at) deviance_at(k, at) - limit
    if (f(from) < 0) NA else uniroot(f, sort(c(psi[k], from)), tol = 1e-10)$root
  }
  do.call(rbind, lapply(seq_len(m), function(k) {
    low <- if (k == 1) 1e-6 else psi[k - 1] + 1e-6
    high <- if (k == m) nrow(d) - 1 - 1e-6 else psi[k + 1] - 1e-6
    data.frame(reihe = name, m = m, nummer = k, stelle = psi[k], se = fit$psi[k, "St.Err"], rss = rss, bic = BIC(fit),
               bic_gerade = BIC(line), vorher = slope(fit)$t[k, "Est."], nachher = slope(fit)$t[k + 1, "Est."],
               unten = end(k, 1, low), oben = end(k, 1, high), unten_weit = end(k, 1.3 / .7, low),
               oben_weit = end(k, 1.3 / .7, high))
  }))
}
cases <- list(list("LakeHuron", 1), list("airmiles", 1), list("uspop9", 1), list("airmiles", 2), list("uspop9", 2))
out <- do.call(rbind, lapply(cases, function(k) one(k[[1]], k[[2]])))
for (column in names(out)[-(1:3)]) out[[column]] <- ifelse(is.na(out[[column]]), "", sprintf("%.17g", out[[column]]))
write.csv(out, file.path(here, "knick.csv"), row.names = FALSE, quote = FALSE)

# Makes comparison_*.csv. Run in this folder after intervals.R: Rscript comparison.R
# Data: apistrat, apiclus1, apiclus2 of R package survey (data_api_shares.csv).
suppressMessages(library(survey))
options(digits = 17)
digits <- function(frame) {
  frame[] <- lapply(frame, function(x) if (is.double(x)) format(x, digits = 17, trim = TRUE) else x)
  frame
}
save <- function(frame, file) write.csv(digits(frame), file, row.names = FALSE, quote = FALSE)
api <- read.csv("data_api_shares.csv")
api$rare <- as.integer(api$api00 > 830)
designs <- list(
  apistrat = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apistrat")),
  apiclus1 = svydesign(~dnum, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apiclus1")),
  apiclus2 = svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = subset(api, sample == "apiclus2"))
)
items <- c("schwide", "awards", "yrrnd", "rare", "api00", "enroll")

# t tests of svyttest; the confidence interval of a share's difference by Newcombe (1998, method 10) with the bounds of
# Clopper and Pearson; the test with the common variance, divided by the design effect, written out
row <- function(name, kind, domain, item, d, first, second) {
  d <- d[!is.na(d$variables[[item]]) & (first | second), ]
  keep <- !is.na(designs[[name]]$variables[[item]]) & (first | second)
  one <- first[keep]
  d$variables$one <- as.integer(one)
  d$variables$y <- d$variables[[item]]
  test <- svyttest(y ~ one, d)
  if (!is.finite(test$statistic)) return(NULL)  # nobody has it on both sides
  w <- weights(d, "sampling"); y <- d$variables$y
  part <- function(k) {
    mean <- sum(w[k] * y[k]) / sum(w[k])
    list(n = sum(k), mean = mean, spread = sum(w[k] * (y[k] - mean)^2) / sum(w[k]), kish = sum(w[k])^2 / sum(w[k]^2),
         df = degf(d[k, ]))
  }
  a <- part(one); b <- part(!one); df <- as.numeric(test$parameter)
  se <- as.numeric(test$estimate / test$statistic)
  effect <- se^2 / (a$spread / a$kish + b$spread / b$kish)
  ma <- a$kish / max(effect, 1); mb <- b$kish / max(effect, 1)
  common <- sum(w * y) / sum(w)
  z <- abs(a$mean - b$mean) / sqrt(sum(w * (y - common)^2) / sum(w) * (1 / a$kish + 1 / b$kish) * effect)
  share <- all(y %in% 0:1)
  careful <- max(as.numeric(test$p.value), 2 * pt(-z, df))
  if (!share) careful <- max(careful, 2 * pt(-abs(as.numeric(test$statistic)), min(a$df, b$df)))
  exact <- function(x, m) {
    m <- min(m * (qt(0.975, x$n - 1) / qt(0.975, df))^2, x$n)
    c(if (x$mean > 0) qbeta(0.025, m * x$mean, m * (1 - x$mean) + 1) else 0,
      if (x$mean < 1) qbeta(0.975, m * x$mean + 1, m * (1 - x$mean)) else 1)
  }
  la <- exact(a, ma); lb <- exact(b, mb); delta <- a$mean - b$mean
  half <- if (!share && min(ma, mb) < 30) qt(0.975, min(a$df, b$df)) * se else qt(0.975, df) * se
  few <- share && min(ma * min(a$mean, 1 - a$mean), mb * min(b$mean, 1 - b$mean)) < 10
  ci <- if (few) c(delta - sqrt((a$mean - la[1])^2 + (lb[2] - b$mean)^2), delta + sqrt((la[2] - a$mean)^2 + (b$mean - lb[1])^2))
    else delta + c(-1, 1) * half
  testable <- if (share) min(ma, mb) * min(common, 1 - common) >= 5 else min(ma, mb) >= 10
  data.frame(sample = name, kind, domain, item, n = a$n, n_andere = b$n, wert = a$mean, wert_andere = b$mean,
             differenz = as.numeric(test$estimate), se = se, unten = ci[1], oben = ci[2],
             survey_unten = as.numeric(test$conf.int[1]), survey_oben = as.numeric(test$conf.int[2]), survey = !few && (share || min(ma, mb) >= 30),
             freiheitsgrade = df, p = as.numeric(test$p.value), p_vorsichtig = careful, pruefbar = testable)
}
rows <- list(); whole <- list()
for (name in names(designs)) {
  d <- designs[[name]]; by <- d$variables$stype
  for (item in items) {
    for (k in c("E", "H", "M"))
      rows[[length(rows) + 1]] <- row(name, "rest", k, item, d, by == k, by != k)
    for (pair in list(c("E", "H"), c("E", "M"), c("H", "M")))
      rows[[length(rows) + 1]] <- row(name, "paar", paste(pair, collapse = "-"), item, d, by == pair[1], by == pair[2])
    # a domain against the whole: difference of two ratios of totals
    valid <- d[!is.na(d$variables[[item]]), ]
    for (k in c("E", "H", "M")) {
      valid <- update(valid, a = as.numeric(stype == k), y = get(item), one = 1)
      valid <- update(valid, ay = a * y)
      totals <- svytotal(~ay + a + y + one, valid)
      x <- svycontrast(totals, quote(ay / a - y / one))
      whole[[length(whole) + 1]] <- data.frame(sample = name, domain = k, item, differenz = as.numeric(coef(x)),
                                               se = as.numeric(SE(x)))
    }
  }
}
save(do.call(rbind, rows), "comparison_domains.csv")
save(do.call(rbind, whole), "comparison_whole.csv")

p <- c(0.001, 0.04, 0.03, 0.012, 0.8, 0.0123, 0.04, 1, 0)
save(data.frame(p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH")), "comparison_adjusted.csv")
